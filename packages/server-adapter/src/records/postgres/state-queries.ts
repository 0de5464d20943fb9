export type StateQueries = ReturnType<typeof stateQueriesOf>

const time = (column: string) => `(extract(epoch FROM ${column}) * 1000)::bigint AS ${column}`

/** All that is said about what nodes share besides operations. Names of the schema are checked before they come here. */
export function stateQueriesOf(schema: string) {
  const clients = `${schema}.connection_status`
  const snapshots = `${schema}.sync_status_snapshots`
  const selectClients = `SELECT subject, connection_id, status, transport, latency, reconnect_attempts, ${time('connected_at')}, ${time('last_ping')}
    FROM ${clients}`
  return {
    acquireLease: `INSERT INTO ${schema}.sync_leases AS held (name, holder, until) VALUES ($1, $2, clock_timestamp() + $3::double precision * interval '1 ms')
      ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
        WHERE held.holder = excluded.holder OR held.until <= clock_timestamp()
      RETURNING name`,
    releaseLease: `DELETE FROM ${schema}.sync_leases WHERE name = $1 AND holder = $2`,
    feedPosition: `SELECT version FROM ${schema}.sync_feeds WHERE name = $1`,
    saveFeedPosition: `INSERT INTO ${schema}.sync_feeds AS told (name, version) VALUES ($1, $2)
      ON CONFLICT (name) DO UPDATE SET version = greatest(told.version, excluded.version)`,
    // Rows are locked in one order, whoever saves them.
    saveClients: `INSERT INTO ${clients} (subject, connection_id, status, transport, latency, reconnect_attempts, connected_at, last_ping)
      SELECT subject, connection_id, status, transport, latency, reconnect_attempts, connected_at, last_ping FROM json_to_recordset($1::json) AS i(
        subject text, connection_id text, status text, transport text, latency double precision, reconnect_attempts double precision,
        connected_at timestamptz, last_ping timestamptz
      ) ORDER BY subject, connection_id
      ON CONFLICT (subject, connection_id) DO UPDATE SET status = excluded.status, transport = excluded.transport, latency = excluded.latency,
        reconnect_attempts = excluded.reconnect_attempts, connected_at = excluded.connected_at, last_ping = excluded.last_ping`,
    removeClients: `DELETE FROM ${clients} USING json_to_recordset($1::json) AS i(subject text, connection_id text)
      WHERE connection_status.subject = i.subject AND connection_status.connection_id = i.connection_id`,
    clients: `${selectClients} ORDER BY connection_status.last_ping DESC LIMIT $1`,
    clientsOf: `${selectClients} WHERE subject = $2 ORDER BY connection_status.last_ping DESC LIMIT $1`,
    forgetClients: `DELETE FROM ${clients} WHERE last_ping < to_timestamp($1::double precision / 1000)`,
    addSnapshot: `INSERT INTO ${snapshots} (taken_at, metrics, health, connections, active_operations) VALUES ($1, $2, $3, $4, $5)`,
    snapshots: `SELECT ${time('taken_at')}, metrics::text, health::text, connections, active_operations
      FROM ${snapshots} ORDER BY sync_status_snapshots.taken_at DESC, id DESC LIMIT $1`,
    forgetSnapshots: `DELETE FROM ${snapshots} WHERE taken_at < to_timestamp($1::double precision / 1000)`,
  }
}
