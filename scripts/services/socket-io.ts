import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SyncStatusUpdate } from '@upload-panel/core/protocol'
import { freePort } from '../lib/free-port.mjs'
import { fromRoot } from '../lib/paths.mjs'
import { compile } from './compile.ts'
import { type Daemon, startDaemon } from './daemon.ts'
import { post } from './post.ts'
import type { Stoppable } from './service.ts'
import type { SocketIoCount, SocketIoOrder } from './socket-io-program.ts'

export interface SocketIoServerOptions {
  /** Of a Redis that makes it one of several nodes. @default a server of its own */
  readonly redis?: string
  /** Whether what it says is for its own clients, though it is one of several nodes. @default false */
  readonly isAlone?: boolean
  /** Socket.IO's own. */
  readonly options?: {
    readonly pingInterval?: number
    readonly pingTimeout?: number
    readonly connectionStateRecovery?: object
    readonly transports?: readonly ('websocket' | 'polling')[]
  }
  readonly log?: (line: string) => void
}

/** A Socket.IO server of a test's own, which it may treat badly. */
export interface SocketIoServer extends Stoppable {
  /** The same after a restart. */
  readonly port: number
  /** The one that it takes now. */
  token(): string
  /** With which one may connect, and follow nothing. */
  readonly guestToken: string
  /** Tells an update to those who follow its job, its operation, or all; as often as `times` says. */
  publish(update: SyncStatusUpdate, times?: number): Promise<void>
  /** Its token is worth nothing any more, and every connection ends. */
  expireToken(): Promise<void>
  count(): Promise<SocketIoCount>
  /** SIGKILL. */
  kill(): Promise<void>
  /** Starts it again after `kill`. */
  start(): Promise<void>
  /** SIGSTOP. */
  freeze(): void
  /** SIGCONT. */
  thaw(): void
}

export async function startSocketIo({ redis, isAlone = false, options = {}, log }: SocketIoServerOptions = {}): Promise<SocketIoServer> {
  const directory = await mkdtemp(join(tmpdir(), 'upload-panel-socket-io-'))
  const program = await compile(fromRoot('scripts', 'services', 'socket-io-program.ts'), directory)
  const port = await freePort()
  const guestToken = 'guest'
  let tokens = 1
  let daemon: Daemon | undefined
  const token = () => `token-${tokens}`
  const give = async (order: SocketIoOrder): Promise<unknown> => JSON.parse(await post(port, JSON.stringify(order), '/orders'))

  async function start(): Promise<void> {
    const args = ['--directory', directory, '--port', String(port), '--token', token(), '--guest', guestToken]
    if (redis !== undefined) args.push('--redis', redis)
    if (isAlone) args.push('--alone')
    daemon = startDaemon(process.execPath, [program, ...args, '--options', JSON.stringify(options)], log)
    await daemon.ready(() =>
      give({ do: 'count' }).then(
        () => true,
        () => false,
      ),
    )
  }
  const kill = async () => daemon?.kill()

  await start()
  return {
    port,
    token,
    guestToken,
    async publish(update, times = 1) {
      await give({ do: 'publish', update, times })
    },
    async expireToken() {
      tokens += 1
      await give({ do: 'expire', token: token() })
    },
    count: async () => (await give({ do: 'count' })) as SocketIoCount,
    kill,
    start,
    freeze: () => daemon?.signal('SIGSTOP'),
    thaw: () => daemon?.signal('SIGCONT'),
    async stop() {
      await kill()
      await rm(directory, { recursive: true, force: true })
    },
  }
}
