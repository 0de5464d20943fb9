import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { createSyncServer, type SyncServer } from '../create-sync-server.js'
import { toNodeListener } from '../frameworks/node.js'
import { createLogger, type Logger } from '../logger.js'
import { isNodeError } from '../node-error.js'
import { embedSocketIo } from '../publishers/socket-io/embedded.js'
import { chooseAccess, chooseRecords, chooseStorage } from './choose.js'
import { connectRedis } from './redis.js'
import type { Settings } from './settings.js'
import { SettingsError } from './settings-error.js'

/** A server that listens. */
export interface Serving {
  /** As its own machine reaches it. */
  readonly url: string
  /** In words, for whoever started it. */
  readonly records: string
  readonly storage: string
  readonly realtime: string
  readonly access: string
  /** Answers on for as long as the settings say while it tells the load balancer to go elsewhere, then lets requests end. */
  stop(): Promise<void>
}

/** How long the last answers may take to leave, milliseconds. */
const LAST_ANSWERS_MS = 1000

const SILENT: Logger = { debug() {}, info() {}, warn() {}, error() {} }

export function loggerOf({ log, logLevel }: Pick<Settings, 'log' | 'logLevel'>): Logger {
  return log === 'off' ? SILENT : createLogger({ format: log, level: logLevel })
}

/** @throws SettingsError where the settings do not work here */
export async function serve(settings: Settings, logger: Logger): Promise<Serving> {
  const { port, host, publicUrl, proxyHeader, origins, secret, limits, drainMs } = settings
  const [records, storage, access] = [await chooseRecords(settings), await chooseStorage(settings), await chooseAccess(settings)]
  const socketIo = await embedSocketIo({ origins }, settings.redis === undefined ? undefined : await connectRedis(settings.redis, logger))
  if (socketIo === undefined && settings.redis !== undefined) throw new SettingsError('--redis is for Socket.IO: npm install socket.io')
  const basePath = publicUrl === undefined ? '' : publicUrl.pathname.replace(/\/$/, '')
  const sync = await createSyncServer({
    records: records.value,
    storage: storage.value,
    ...access.value,
    limits,
    logger,
    ...(socketIo !== undefined && { publishers: [socketIo.publisher] }),
    ...(origins.length > 0 && { cors: { origins } }),
    ...(secret !== undefined && { secret }),
    ...(proxyHeader !== undefined && { clientAddress: (request, peer) => request.headers.get(proxyHeader) ?? peer }),
  }).catch((error: unknown) => {
    throw explained(error, settings)
  })
  // A large file on a slow line takes as long as it takes; a body that stands still is ended by the listener's server.
  const http = createServer({ requestTimeout: 0 }, toNodeListener(sync, { basePath }))
  socketIo?.attach(http)
  try {
    http.listen(port, host)
    await once(http, 'listening')
  } catch (error) {
    await sync.close()
    throw new SettingsError(`The server cannot listen on ${host}:${port}: ${reasonOf(error)}`)
  }
  const address = http.address()
  const actual = typeof address === 'object' && address !== null ? address.port : port
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${actual}${basePath}`,
    records: records.name,
    storage: storage.name,
    realtime: `Server-Sent Events${socketIo === undefined ? '' : ', Socket.IO'}${settings.redis === undefined ? '' : ' over Redis'}`,
    access: access.name,
    async stop() {
      sync.drain()
      await delay(drainMs)
      await stop(http, sync)
    },
  }
}

/** Waits for requests that are under way, and closes what is open. */
async function stop(http: Server, sync: SyncServer): Promise<void> {
  const closed = once(http, 'close')
  http.close()
  await sync.close()
  // What is left are answers on their way out, and clients that keep a connection without using it.
  http.closeIdleConnections()
  setTimeout(() => http.closeAllConnections(), LAST_ANSWERS_MS).unref()
  await closed
}

const REASONS = new Map([
  ['EADDRINUSE', 'another program listens there. Stop it, or give another --port.'],
  ['EADDRNOTAVAIL', 'this machine does not have that address.'],
  ['EACCES', 'permission is denied. Ports below 1024 need one; or give another --port.'],
  ['ENOTFOUND', 'there is no such host.'],
])

function reasonOf(error: unknown): string {
  for (const [code, reason] of REASONS) if (isNodeError(error, code)) return reason
  return error instanceof Error ? error.message : String(error)
}

/** What a folder that cannot be written says of itself is a system call. */
function explained(error: unknown, { data }: Settings): unknown {
  const isFolder = ['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'ENOSPC'].some((code) => isNodeError(error, code))
  return isFolder
    ? new SettingsError(`The folder ${data} cannot be written to. Give another one by --data, or the permission to write there.`)
    : error
}
