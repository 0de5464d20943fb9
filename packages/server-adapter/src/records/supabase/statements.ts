import { createHash } from 'node:crypto'
import { queriesOf } from '../postgres/queries.js'
import { stateQueriesOf } from '../postgres/state-queries.js'

/** The schema that PostgREST offers without being told. */
const SCHEMA = 'public'

/** All that records say to the database, by name. */
export const STATEMENTS = {
  ...queriesOf(SCHEMA),
  ...stateQueriesOf(SCHEMA),
  meta: `SELECT schema_version, epoch, ${SCHEMA}.sync_statements() AS statements FROM ${SCHEMA}.sync_meta`,
}

/** Tells the statements of one release from those of another. */
export const RELEASE = createHash('sha256').update(JSON.stringify(STATEMENTS)).digest('hex').slice(0, 16)

/** Those that answer with no rows, and so cannot be read in a loop. */
const SILENT: readonly (keyof typeof STATEMENTS)[] = [
  'bindJob',
  'fence',
  'forget',
  'forgetWrites',
  'releaseLease',
  'saveFeedPosition',
  'saveClients',
  'removeClients',
  'forgetClients',
  'addSnapshot',
  'forgetSnapshots',
]

/** Values take the place of parameters as literals, quoted by the database. */
const templateOf = (text: string) => text.replaceAll('%', '%%').replaceAll(/\$(\d+)/g, '%$1$L')

const cases = Object.entries(STATEMENTS).map(
  ([name, text]) => `    WHEN '${name}' THEN template := $statement$${templateOf(text)}$statement$;`,
)
const silent = SILENT.map((name) => `'${name}'`).join(', ')

/**
 * For servers that have no connection to the database, but the secret key: what records say, by name, over PostgREST. Only these statements can be said, and only
 * with the rights of who says them. The answer is one value, since PostgREST cuts off rows after the first thousand.
 */
export const RPC = `
CREATE OR REPLACE FUNCTION sync_statement(name text, parameters jsonb) RETURNS jsonb LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  template text;
  given text[] := ARRAY(
    SELECT CASE jsonb_typeof(value)
      WHEN 'array' THEN ARRAY(SELECT jsonb_array_elements_text(value))::text
      ELSE value #>> '{}'
    END
    FROM jsonb_array_elements(parameters) WITH ORDINALITY AS p(value, place) ORDER BY place
  );
  statement text;
  found record;
  answer jsonb[] := '{}';
BEGIN
  CASE name
${cases.join('\n')}
    ELSE RAISE EXCEPTION 'There is no statement %: the project has the SQL of another release.', name USING ERRCODE = 'undefined_function';
  END CASE;
  statement := format(template, VARIADIC given);
  IF name IN (${silent}) THEN
    EXECUTE statement;
  ELSE
    FOR found IN EXECUTE statement LOOP
      answer := answer || (SELECT jsonb_object_agg(field, content) FROM jsonb_each_text(to_jsonb(found)) AS fields(field, content));
    END LOOP;
  END IF;
  RETURN to_jsonb(answer);
END $$;
CREATE OR REPLACE FUNCTION sync_statements() RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT '${RELEASE}' $$;
COMMENT ON FUNCTION sync_statements IS 'Which statements sync_statement knows.';
REVOKE ALL ON FUNCTION sync_statement, sync_statements FROM PUBLIC, anon, authenticated;
GRANT EXECUTE ON FUNCTION sync_statement, sync_statements TO service_role;
`
