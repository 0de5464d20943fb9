import { MIGRATIONS } from '../postgres/migrations.js'
import { PROJECT, PUBLICATION } from './project.js'
import { RPC } from './statements.js'

/** Not part of any text inside. */
const quoted = (name: string, text: string) => `$${name}$${text}$${name}$`

const steps = MIGRATIONS.map(
  (step, index) => `
  IF taken < ${index + 1} THEN
    EXECUTE ${quoted(`step_${index + 1}`, step)};
    UPDATE public.sync_meta SET schema_version = ${index + 1};
  END IF;`,
).join('\n')

/** All that a Supabase project needs, in one statement: it is done as a whole or not at all, and can be run again. */
export const SUPABASE_SQL = `-- upload-panel for a Supabase project: tables, who may read and hear what, and the publication.
--
-- Run it in the SQL editor; or copy it to supabase/migrations/<timestamp>_upload_panel.sql and run \`supabase db push\`. It can be run again, and brings an older
-- schema up to date. Who is who is told by the claim \`sub\` of the user's token, which is the subject of their operations.
--
-- Pages then follow by broadcast that your server sends (\`supabasePublisher\`), by the changes of rows (\`tableChanges\`), or by broadcast that the database
-- sends: SELECT sync_broadcast_changes(true);
--
-- Made from packages/server-adapter/src/records; not edited by hand.

DO $upload_panel$
DECLARE
  path_before text := current_setting('search_path');
  taken integer := 0;
BEGIN
  IF to_regrole('service_role') IS NULL OR to_regclass('realtime.messages') IS NULL THEN
    RAISE EXCEPTION 'This is for a database of Supabase, which has the role service_role and the table realtime.messages.';
  END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('upload-panel public', 0));
  PERFORM set_config('search_path', 'public, pg_temp', true);
  IF to_regclass('public.sync_meta') IS NOT NULL THEN
    SELECT schema_version INTO taken FROM public.sync_meta;
  END IF;
  IF taken > ${MIGRATIONS.length} THEN
    RAISE EXCEPTION 'The tables were written by a newer release (version %, this one knows ${MIGRATIONS.length}).', taken;
  END IF;
${steps}
  EXECUTE ${quoted('project', PROJECT + RPC)};
${PUBLICATION}
  PERFORM set_config('search_path', path_before, true);
END $upload_panel$;
`
