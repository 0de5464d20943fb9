import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { post } from '../../../../scripts/services/post.js'
import { startSyncServer, type SyncServerService } from '../../../../scripts/services/sync-server.js'
import { startTcpNetwork } from '../../../../scripts/services/tcp-network.js'
import { UploadError } from '../errors.js'
import type { SnapshotAnswer } from '../protocol/index.js'
import { transportContract } from '../testing/transport-contract.js'
import { pageConnection } from './page-connection.js'
import { sse } from './sse.js'
import type { RealtimeFactory } from './transport.js'

let directory: string
let server: SyncServerService
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'upload-panel-sse-'))
  server = await startSyncServer({ directory })
})
afterAll(async () => {
  await server.stop()
  await rm(directory, { recursive: true, force: true })
})

/** A connection that others of the page may use as well keeps the contract to each of them. */
const SHARES = [
  ['sse, on the server adapter', (connect: RealtimeFactory) => connect],
  ['sse for a page, on the server adapter', pageConnection],
] as const

for (const [name, share] of SHARES)
  transportContract(name, {
    async open({ isRefused, isMisdirected }) {
      const network = await startTcpNetwork(() => server.port)
      const url = `http://127.0.0.1:${network.port}`
      let token = server.token()
      return {
        factory: share(
          sse({
            url: `${url}/${isMisdirected ? 'nowhere' : 'events'}`,
            headers({ attempt }) {
              // A page keeps its token until it is told that it is worth nothing.
              if (attempt > 1) token = server.token()
              return { authorization: `Bearer ${isRefused ? 'none' : token}` }
            },
            heartbeatMs: 3000,
          }),
        ),
        network,
        ...server,
        async snapshot(request) {
          try {
            const headers = { 'content-type': 'application/json', authorization: `Bearer ${server.token()}` }
            return JSON.parse(await post(network.port, JSON.stringify(request), '/queries/operations', headers)) as SnapshotAnswer
          } catch (cause) {
            throw new UploadError('network', 'The server could not be reached.', { cause })
          }
        },
        freeze: () => server.signal('SIGSTOP'),
        thaw: () => server.signal('SIGCONT'),
        async leftovers() {
          const streams = await server.streams()
          return streams === 0 ? [] : [`${streams} streams`]
        },
        close: () => network.close(),
      }
    },
  })
