import type { IncomingMessage, ServerResponse } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import type { SyncServer } from '../create-sync-server.js'

/** Options of {@link toNodeListener}. */
export interface NodeListenerOptions {
  /** Path that the server is mounted at, such as `/uploads`; not where a framework has taken it off already. @default '' */
  readonly basePath?: string
}

/** Answers a request; passes on what is not below the base path where there is someone to pass it to. */
export type NodeListener = (request: IncomingMessage, response: ServerResponse, next?: () => void) => void

/**
 * A listener for `node:http`, and a middleware for Connect and Express. Bodies stream both ways at the other end's pace;
 * a client that leaves aborts its request.
 *
 * Node ends a request after five minutes, however fast its bytes still come: switch that off for large files on slow lines, as below.
 * A body in which nothing comes for a minute is ended here.
 *
 * @example
 * createServer({ requestTimeout: 0 }, toNodeListener(sync, { basePath: '/uploads' })).listen(8787)
 */
export function toNodeListener(sync: Pick<SyncServer, 'fetch'>, { basePath = '' }: NodeListenerOptions = {}): NodeListener {
  const listener = getRequestListener((request) => sync.fetch(request), { overrideGlobalObjects: false })
  return (request, response, next) => {
    const url = request.url ?? '/'
    const rest = url.slice(basePath.length)
    const isBelow = url.startsWith(basePath) && /^[/?]|^$/.test(rest)
    if (isBelow) {
      request.url = rest.startsWith('/') ? rest : `/${rest}`
      void listener(request, response)
    } else if (next !== undefined) {
      next()
    } else {
      response.writeHead(404).end()
    }
  }
}
