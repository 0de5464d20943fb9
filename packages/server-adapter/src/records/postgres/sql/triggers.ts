/**
 * Rows may be written by anyone: by this package, by a function below, by hand. Whoever writes one without a new version is given it here.
 * All take the lock on the sequence first and those on rows later, so that they cannot wait for each other in a circle, and keep it until
 * they have committed, so that versions become visible in their order.
 */
export const TRIGGERS = `
CREATE FUNCTION sync_lock_sequence() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  PERFORM FROM sync_meta FOR NO KEY UPDATE;
  RETURN NULL;
END $$;

CREATE FUNCTION sync_give_version() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  UPDATE sync_meta SET sequence = sequence + 1 RETURNING sequence INTO NEW.version;
  IF TG_OP = 'INSERT' THEN
    NEW.position := coalesce(NEW.position, NEW.version);
  ELSIF NEW.timestamp = OLD.timestamp THEN
    NEW.timestamp := clock_timestamp();
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION sync_notify() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  newest bigint;
  operations jsonb;
  payload text;
BEGIN
  SELECT max(version), jsonb_object_agg(operation_id, version) INTO newest, operations FROM changed;
  IF newest IS NULL THEN
    RETURN NULL;
  END IF;
  payload := jsonb_build_object('version', newest, 'operations', operations)::text;
  -- PostgreSQL takes less than 8000 bytes; who hears of no ids reads what is new.
  IF octet_length(payload) >= 8000 THEN
    payload := jsonb_build_object('version', newest)::text;
  END IF;
  PERFORM pg_notify(TG_TABLE_SCHEMA || '_changes', payload);
  RETURN NULL;
END $$;

CREATE TRIGGER sync_lock_sequence BEFORE INSERT OR UPDATE ON sync_operations
  FOR EACH STATEMENT EXECUTE FUNCTION sync_lock_sequence();
CREATE TRIGGER sync_give_first_version BEFORE INSERT ON sync_operations
  FOR EACH ROW WHEN (NEW.version IS NULL) EXECUTE FUNCTION sync_give_version();
CREATE TRIGGER sync_give_version BEFORE UPDATE ON sync_operations
  FOR EACH ROW WHEN (NEW.version = OLD.version) EXECUTE FUNCTION sync_give_version();
CREATE TRIGGER sync_notify_inserted AFTER INSERT ON sync_operations
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION sync_notify();
CREATE TRIGGER sync_notify_updated AFTER UPDATE ON sync_operations
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION sync_notify();
`
