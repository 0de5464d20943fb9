/** For teams whose jobs speak SQL and no Node. They keep the rules of the manager's methods of the same names. */
export const FUNCTIONS = String.raw`
CREATE FUNCTION sync_plain_text(value text, max_length integer DEFAULT 2000) RETURNS text LANGUAGE sql IMMUTABLE SET search_path FROM CURRENT AS $$
  SELECT left(regexp_replace($1, '[\u0001-\u0008\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069\uFEFF]', '', 'g'), $2)
$$;
COMMENT ON FUNCTION sync_plain_text IS 'Text for people, without control characters, and not too long.';

CREATE FUNCTION create_sync_operation(
  operation_type text,
  total_items double precision DEFAULT NULL,
  triggered_by text DEFAULT NULL,
  source text DEFAULT NULL,
  subject text DEFAULT 'everyone',
  job_id text DEFAULT NULL,
  message text DEFAULT NULL,
  key text DEFAULT NULL
) RETURNS text LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
  id text;
BEGIN
  IF $6 IS NOT NULL THEN
    INSERT INTO sync_jobs (job_id, subject) VALUES ($6, $5) ON CONFLICT DO NOTHING;
  END IF;
  INSERT INTO sync_operations AS made (operation_type, total_items, triggered_by, source, subject, job_id, message, key)
    VALUES ($1, $2, sync_plain_text($3, 200), sync_plain_text($4, 200), $5, $6, sync_plain_text($7), $8)
    ON CONFLICT (subject, key) WHERE key IS NOT NULL DO NOTHING
    RETURNING made.operation_id INTO id;
  IF id IS NULL THEN
    SELECT found.operation_id INTO id FROM sync_operations AS found WHERE found.subject = $5 AND found.key = $8;
  END IF;
  RETURN id;
END $$;
COMMENT ON FUNCTION create_sync_operation IS 'Begins an operation and answers its id. The same key of the same subject is the same operation.';

CREATE FUNCTION update_sync_progress(
  operation_id text,
  progress double precision,
  processed double precision DEFAULT NULL,
  failed double precision DEFAULT NULL,
  message text DEFAULT NULL
) RETURNS bigint LANGUAGE sql SET search_path FROM CURRENT AS $$
  UPDATE sync_operations SET
    status = 'in_progress',
    progress = CASE WHEN $2 IS NULL OR $2 IN ('NaN', 'Infinity', '-Infinity') THEN 0 ELSE least(100, greatest(0, $2)) END,
    processed_items = coalesce($3, processed_items),
    failed_items = coalesce($4, failed_items),
    message = coalesce(sync_plain_text($5), message)
  WHERE sync_operations.operation_id = $1 AND status IN ('pending', 'in_progress')
  RETURNING version
$$;
COMMENT ON FUNCTION update_sync_progress IS 'Says how far an operation is. Answers its new version; NULL where it has ended or there is none, and nothing is changed.';

CREATE FUNCTION complete_sync_operation(operation_id text, status text, details jsonb DEFAULT '{}') RETURNS bigint
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
  given jsonb := coalesce($3, '{}');
  new_version bigint;
BEGIN
  IF $2 IS NULL OR $2 NOT IN ('completed', 'failed', 'cancelled') THEN
    RAISE EXCEPTION 'An operation ends as completed, failed or cancelled, not as %.', coalesce($2, 'NULL') USING ERRCODE = 'invalid_parameter_value';
  END IF;
  UPDATE sync_operations AS o SET
    status = $2,
    stage = NULL,
    progress = CASE $2 WHEN 'completed' THEN 100 ELSE o.progress END,
    message = sync_plain_text(given ->> 'message'),
    result = CASE $2 WHEN 'completed' THEN given -> 'result' END,
    error = CASE $2 WHEN 'failed' THEN jsonb_build_object(
      'code', sync_plain_text(coalesce(given -> 'error' ->> 'code', 'failed'), 100),
      'message', sync_plain_text(coalesce(given -> 'error' ->> 'message', given ->> 'message', 'The operation failed.')),
      'retryable', coalesce((given -> 'error' ->> 'retryable')::boolean, true)
    ) END,
    performance_data = coalesce(given -> 'performance_data', o.performance_data)
  WHERE o.operation_id = $1 AND o.status IN ('pending', 'in_progress')
  RETURNING o.version INTO new_version;
  RETURN new_version;
END $$;
COMMENT ON FUNCTION complete_sync_operation IS
  'Ends an operation; details may have message, result, error {code, message, retryable} and performance_data. Answers its new version; NULL where it has ended or there is none, and nothing is changed.';

CREATE FUNCTION take_sync_status_snapshot() RETURNS bigint LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  total bigint;
  active bigint;
  completed bigint;
  failed bigint;
  average double precision;
  last_minute bigint;
  error_rate double precision;
  error_rate_before double precision;
  taken timestamptz(3) := clock_timestamp();
  new_id bigint;
BEGIN
  SELECT
    count(*),
    count(*) FILTER (WHERE status IN ('pending', 'in_progress')),
    count(*) FILTER (WHERE status = 'completed'),
    count(*) FILTER (WHERE status = 'failed'),
    avg(extract(epoch FROM o.timestamp - o.created_at) * 1000) FILTER (WHERE status IN ('completed', 'failed')),
    count(*) FILTER (WHERE status IN ('completed', 'failed', 'cancelled') AND o.timestamp > taken - interval '1 minute')
  INTO total, active, completed, failed, average, last_minute FROM sync_operations AS o;
  SELECT
    avg(is_failure) FILTER (WHERE place <= 100),
    avg(is_failure) FILTER (WHERE place > 100)
  INTO error_rate, error_rate_before FROM (
    SELECT (status = 'failed')::integer AS is_failure, row_number() OVER (ORDER BY o.timestamp DESC) AS place
    FROM sync_operations AS o WHERE status IN ('completed', 'failed') ORDER BY o.timestamp DESC LIMIT 200
  ) AS ends;
  INSERT INTO sync_status_snapshots (taken_at, metrics, health, connections, active_operations) VALUES (
    taken,
    jsonb_build_object(
      'totalOperations', total,
      'successRate', completed::double precision / nullif(completed + failed, 0),
      'avgDuration', average,
      'peakConcurrency', greatest(active, (SELECT max((metrics ->> 'peakConcurrency')::bigint) FROM sync_status_snapshots)),
      'errorRate', error_rate,
      'throughput', last_minute,
      'trend', error_rate - error_rate_before
    ),
    jsonb_build_object(
      'status', CASE WHEN coalesce(error_rate, 0) < 0.05 THEN 'healthy' WHEN error_rate <= 0.1 THEN 'warning' ELSE 'critical' END,
      'score', round((1 - coalesce(error_rate, 0)) * 100),
      'errorRate', coalesce(error_rate, 0),
      'checkedAt', to_char(taken AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
    ),
    (SELECT count(*) FROM connection_status WHERE status = 'connected'),
    active
  ) RETURNING id INTO new_id;
  RETURN new_id;
END $$;
COMMENT ON FUNCTION take_sync_status_snapshot IS 'Keeps what the server looks like now in sync_status_snapshots, and answers the id of that row.';
`
