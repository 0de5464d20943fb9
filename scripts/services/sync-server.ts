import { join } from 'node:path'
import type { SyncStatusUpdate } from '@upload-panel/core/protocol'
import { sqlite } from '@upload-panel/server-adapter/sqlite'
import { freePort } from '../lib/free-port.mjs'
import { fromRoot } from '../lib/paths.mjs'
import { compile } from './compile.ts'
import { type Daemon, startDaemon } from './daemon.ts'
import { post } from './post.ts'
import type { ServiceOptions, Stoppable } from './service.ts'
import type { SyncServerOrder } from './sync-server-orders.ts'

/** The server adapter as a process of its own, with its records in SQLite. */
export interface SyncServerService extends Stoppable {
  /** The same after a restart. */
  readonly port: number
  /** The one that it takes now. */
  token(): string
  /** Keeps an update and tells it. Resolves with it as it was told, which has a version of the server's own. */
  publish(update: SyncStatusUpdate): Promise<SyncStatusUpdate>
  /** Writes an update into every open stream. */
  repeat(update: SyncStatusUpdate): Promise<void>
  /** Changes an operation's row, and nobody is told: as another node does that has no part in realtime. */
  change(update: SyncStatusUpdate): Promise<SyncStatusUpdate>
  /** The token is worth nothing any more, and every stream ends. */
  expireToken(): Promise<void>
  /** Event streams that are open. */
  streams(): Promise<number>
  /** SIGKILL. */
  kill(): Promise<void>
  /** Starts it again after `kill`. */
  start(): Promise<void>
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void
}

export async function startSyncServer({ directory, log }: ServiceOptions): Promise<SyncServerService> {
  const program = await compile(fromRoot('scripts', 'services', 'sync-server-program.ts'), directory)
  const [port, ordersPort] = [await freePort(), await freePort()]
  let tokens = 1
  const token = () => `token-${tokens}`

  async function run(): Promise<Daemon> {
    const args = ['--directory', directory, '--port', String(port), '--orders', String(ordersPort), '--token', token()]
    const daemon = startDaemon(process.execPath, [program, ...args], log)
    await daemon.ready(() =>
      give({ do: 'health' }).then(
        () => true,
        () => false,
      ),
    )
    return daemon
  }

  const give = async (order: SyncServerOrder): Promise<unknown> => JSON.parse(await post(ordersPort, JSON.stringify(order)))

  let daemon = await run()
  const records = sqlite({ path: join(directory, 'records.db') })
  await records.open({ clock: { now: Date.now, setTimeout: () => () => {} }, logger: console })

  return {
    port,
    token,
    publish: async (update) => (await give({ do: 'publish', update })) as SyncStatusUpdate,
    async repeat(update) {
      await give({ do: 'repeat', update })
    },
    async change(update) {
      const changed = await records.update(update.operation_id, (record) => ({ ...record, word: { ...record.word, ...update } }))
      if (changed === undefined) throw new Error(`The server does not know ${update.operation_id}.`)
      return changed.record.word
    },
    async expireToken() {
      tokens += 1
      await give({ do: 'expire', token: token() })
    },
    async streams() {
      const { connections } = (await give({ do: 'health' })) as { readonly connections: number }
      return connections
    },
    kill: () => daemon.kill(),
    async start() {
      daemon = await run()
    },
    signal: (signal) => daemon.signal(signal),
    async stop() {
      await daemon.kill()
      await records.close()
    },
  }
}
