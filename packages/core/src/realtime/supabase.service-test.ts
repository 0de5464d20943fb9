import { createClient } from '@supabase/supabase-js'
import { afterAll, beforeAll } from 'vitest'
import { describeWithPostgresql } from '../../../../scripts/services/provided.js'
import { SHORT_DELAYS } from '../../../../scripts/services/supabase/options.js'
import { allowListening, broadcastOperation, createOperations, writeOperation } from '../../../../scripts/services/supabase-operations.js'
import { type Supabase, startSupabase } from '../../../../scripts/services/supabase.js'
import { startTcpNetwork } from '../../../../scripts/services/tcp-network.js'
import { type ContractScene, type SceneOptions, transportContract } from '../testing/transport-contract.js'
import { supabase, tableChanges } from './supabase.js'

let project: Supabase

interface Way {
  /** Changes of rows, or broadcast. */
  readonly isTable: boolean
  /** A client that the transport makes, or the page's own. */
  readonly isOurs: boolean
}

/** Nobody is refused by row level security, which shows nothing; but a table may not be published. */
function tableOf({ isRefused, isMisdirected }: SceneOptions): string {
  if (isRefused) return 'private_operations'
  return isMisdirected ? 'other_operations' : 'sync_operations'
}

async function open({ isTable, isOurs }: Way, scene: SceneOptions): Promise<ContractScene> {
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
    publish: (update) => (isTable ? writeOperation : broadcastOperation)(project, update),
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
  beforeAll(async () => {
    // The contract's words are faster than a project of the smallest plan may be.
    project = await startSupabase({ delays: SHORT_DELAYS, limits: { eventsPerSecond: 1e6 } })
    for (const table of ['sync_operations', 'other_operations', 'private_operations']) await createOperations(project, table)
    await project.query('alter publication supabase_realtime drop table private_operations')
    await allowListening(project)
  }, 60_000)
  afterAll(() => project.stop())

  transportContract('supabase, private broadcast', {
    open: (scene) => open({ isTable: false, isOurs: true }, scene),
  })
  transportContract('supabase, changes of rows', {
    open: (scene) => open({ isTable: true, isOurs: true }, scene),
  })
  transportContract('supabase, by the page’s own client', {
    open: (scene) => open({ isTable: true, isOurs: false }, scene),
  })
})
