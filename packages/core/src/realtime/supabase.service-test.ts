import { createClient } from '@supabase/supabase-js'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { describeWithPostgresql } from '../../../../scripts/services/provided.js'
import { SHORT_DELAYS } from '../../../../scripts/services/supabase/options.js'
import { type Supabase, startSupabase } from '../../../../scripts/services/supabase.js'
import { startTcpNetwork } from '../../../../scripts/services/tcp-network.js'
import { SYNC_STATUS_EVENT, type SyncStatusUpdate } from '../protocol/index.js'
import { type ContractScene, type SceneOptions, transportContract } from '../testing/transport-contract.js'
import { supabase, tableChanges } from './supabase.js'

const COLUMNS = `(
  operation_id text primary key, operation_type text not null, status text not null, progress numeric not null, message text, stage text,
  job_id text not null, version bigint not null, result jsonb, error jsonb, updated_at timestamptz not null
)`
const TABLES = ['sync_operations', 'other_operations', 'private_operations'].map(
  (table) => `
    create table ${table} ${COLUMNS};
    alter table ${table} enable row level security;
    create policy own on ${table} for select to authenticated using (true);`,
)

let project: Supabase

/** Writes the row of an operation, as a server does whose table the page follows. */
async function write(update: SyncStatusUpdate): Promise<SyncStatusUpdate> {
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

async function broadcast(update: SyncStatusUpdate): Promise<SyncStatusUpdate> {
  const messages = [{ topic: `job:${update.job_id}`, event: SYNC_STATUS_EVENT, payload: update, private: true }]
  const headers = { apikey: project.serviceRoleKey, 'content-type': 'application/json' }
  const response = await fetch(`${project.url}/realtime/v1/api/broadcast`, { method: 'POST', headers, body: JSON.stringify({ messages }) })
  if (response.status !== 202) throw new Error(`The broadcast was answered with ${response.status}.`)
  return update
}

interface Way {
  readonly publish: ContractScene['publish']
  readonly isTable: boolean
  /** A client that the transport makes, or the page's own. */
  readonly isOurs: boolean
}

/** Nobody is refused by row level security, which shows nothing; but a table may not be published. */
function tableOf({ isRefused, isMisdirected }: SceneOptions): string {
  if (isRefused) return 'private_operations'
  return isMisdirected ? 'other_operations' : 'sync_operations'
}

async function open({ publish, isTable, isOurs }: Way, scene: SceneOptions): Promise<ContractScene> {
  const network = await startTcpNetwork(() => Number(new URL(project.url).port))
  const url = `http://127.0.0.1:${network.port}`
  const { anonKey: key } = project
  const accessToken = () => project.token({ jti: crypto.randomUUID(), ...(scene.isRefused && !isTable && { role: 'anon' }) })
  const common = {
    ...(isTable && { changes: tableChanges({ table: tableOf(scene) }) }),
    ...(scene.isMisdirected && { topic: () => 'job:of-somebody-else' }),
  }
  const client = createClient(url, key, { accessToken, realtime: { heartbeatIntervalMs: 1400 } })
  return {
    factory: isOurs ? supabase({ ...common, url, key, accessToken, heartbeatMs: 3000 }) : supabase({ ...common, client }),
    network,
    publish,
    kill: () => project.kill(),
    async start() {
      await project.restart()
      await project.untilFollowed()
    },
    freeze: () => project.freeze(),
    thaw: () => project.thaw(),
    expireToken: () => project.expireTokens(),
    leftovers: async () => client.getChannels().map(({ topic }) => topic),
    async close() {
      await client.realtime.disconnect()
      await network.close()
    },
  }
}

describeWithPostgresql('Supabase', () => {
  let directory: string
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'upload-panel-supabase-'))
    // The contract's words are faster than a project of the smallest plan may be.
    project = await startSupabase({ directory, delays: SHORT_DELAYS, limits: { eventsPerSecond: 1e6 } })
    await project.query(`
      ${TABLES.join('')}
      alter publication supabase_realtime add table sync_operations, other_operations;
      create policy listen on realtime.messages for select to authenticated
        using (realtime.topic() like 'job:%' or realtime.topic() like 'upload:%');`)
  }, 60_000)
  afterAll(async () => {
    await project.stop()
    await rm(directory, { recursive: true, force: true })
  })

  transportContract('supabase, private broadcast', {
    open: (scene) => open({ publish: broadcast, isTable: false, isOurs: true }, scene),
  })
  transportContract('supabase, changes of rows', {
    open: (scene) => open({ publish: write, isTable: true, isOurs: true }, scene),
  })
  transportContract('supabase, by the page’s own client', {
    open: (scene) => open({ publish: write, isTable: true, isOurs: false }, scene),
  })
})
