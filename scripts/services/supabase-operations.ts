import { SYNC_STATUS_EVENT, type SyncStatusUpdate } from '@upload-panel/core/protocol'
import type { Supabase } from './supabase.ts'

const COLUMNS = `
  operation_id text primary key, operation_type text not null, status text not null, progress numeric not null, message text, stage text,
  job_id text not null, version bigint not null, result jsonb, error jsonb, updated_at timestamptz not null
`

/** Makes a table of operations whose changes everyone may see who has signed in. */
export async function createOperations(project: Supabase, table = 'sync_operations'): Promise<void> {
  await project.query(`
    create table ${table} (${COLUMNS});
    alter table ${table} enable row level security;
    create policy own on ${table} for select to authenticated using (true);
    alter publication supabase_realtime add table ${table}`)
}

/** Lets everyone who has signed in listen to jobs and single uploads. */
export async function allowListening(project: Supabase): Promise<void> {
  await project.query(`
    create policy listen on realtime.messages for select to authenticated
    using (realtime.topic() like 'job:%' or realtime.topic() like 'upload:%')`)
}

/** Writes the row of an operation, as a server does whose table the page follows. */
export async function writeOperation(project: Supabase, update: SyncStatusUpdate): Promise<SyncStatusUpdate> {
  await project.query(
    `insert into sync_operations
     select operation_id, operation_type, status, progress, message, stage, job_id, version, result, error, updated_at
     from jsonb_populate_record(null::sync_operations, $1)
     on conflict (operation_id) do update set
       (status, progress, message, stage, version, result, error, updated_at) =
       (excluded.status, excluded.progress, excluded.message, excluded.stage, excluded.version, excluded.result, excluded.error, excluded.updated_at)`,
    [JSON.stringify({ ...update, updated_at: update.timestamp })],
  )
  return update
}

/** Tells an update to those who follow its job, as a server does by Supabase's HTTP. */
export async function broadcastOperation(project: Supabase, update: SyncStatusUpdate): Promise<SyncStatusUpdate> {
  const messages = [{ topic: `job:${update.job_id}`, event: SYNC_STATUS_EVENT, payload: update, private: true }]
  const headers = { apikey: project.serviceRoleKey, 'content-type': 'application/json' }
  const response = await fetch(`${project.url}/realtime/v1/api/broadcast`, { method: 'POST', headers, body: JSON.stringify({ messages }) })
  if (response.status !== 202) throw new Error(`The broadcast was answered with ${response.status}.`)
  return update
}
