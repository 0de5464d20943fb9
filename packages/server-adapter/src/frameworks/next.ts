import type { SyncServer } from '../create-sync-server.js'
import { rebase } from './rebase.js'

/** A server that is made when it is first needed. */
export type LazySyncServer = () => Promise<SyncServer>

/** What Next.js gives a route handler beside the request: the part of the path that the folder's `[[...name]]` stands for. */
export interface NextRouteContext {
  readonly params: Promise<Readonly<Record<string, string | readonly string[] | undefined>>>
}

/** A route handler of the App Router. */
export type NextRouteHandler = (request: Request, context: NextRouteContext) => Promise<Response>

/** What a `route.ts` exports. */
export type NextHandlers = Readonly<Record<(typeof METHODS)[number], NextRouteHandler>>

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const
/** Where all copies of this module find the servers: Next.js bundles it into several, and evaluates it again with each hot reload. */
const SERVERS = Symbol.for('@upload-panel/server-adapter/next')

/**
 * Makes a server once in this process, when it is first asked for: neither `next build`, which evaluates modules, nor a hot reload opens its database again.
 * It is closed at SIGTERM and SIGINT, so that its event streams do not keep Next.js from ending. Restart `next dev` after a change to its options.
 *
 * @param name tells several servers of one process apart
 *
 * @example
 * // lib/uploads.ts
 * export const uploads = onceForNext(() => createSyncServer({ … }))
 * // in server actions and jobs: (await uploads()).manager
 */
export function onceForNext(create: () => Promise<SyncServer>, name = 'default'): LazySyncServer {
  const servers = sharedServers()
  return () => {
    const known = servers.get(name)
    if (known !== undefined) return known
    const server = create()
    servers.set(name, server)
    server.then(closeWithProcess, () => servers.delete(name))
    return server
  }
}

/**
 * Route handlers for the App Router of Next.js, version 15 or newer. Where they are mounted follows from their folder.
 *
 * @example
 * // app/uploads/[[...path]]/route.ts
 * export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = toNextHandlers(uploads)
 */
export function toNextHandlers(server: LazySyncServer): NextHandlers {
  const handle: NextRouteHandler = async (request, { params }) => {
    const path = pathOf(request, await params)
    return (await server()).fetch(rebase(request, path))
  }
  return { GET: handle, HEAD: handle, POST: handle, PUT: handle, PATCH: handle, DELETE: handle, OPTIONS: handle }
}

/** The last segments of the URL, as many as the folder's `[[...name]]` has: as they were sent, where `params` are decoded. */
function pathOf(request: Request, params: Awaited<NextRouteContext['params']>): string {
  const rest = Object.values(params).find((value) => typeof value === 'object')
  if (rest === undefined) return '/'
  return `/${new URL(request.url).pathname.split('/').slice(-rest.length).join('/')}`
}

function sharedServers(): Map<string, Promise<SyncServer>> {
  const shared = globalThis as { [SERVERS]?: Map<string, Promise<SyncServer>> }
  return (shared[SERVERS] ??= new Map())
}

function closeWithProcess(sync: SyncServer): void {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void sync.close())
}
