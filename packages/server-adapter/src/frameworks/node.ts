import type { IncomingMessage, ServerResponse } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import type { SyncServer } from '../create-sync-server.js'
import { hasItsBytes, refuseConsumedBody } from './consumed-body.js'
import { pathBelow } from './path-below.js'

/** Options of {@link toNodeListener}. */
export interface NodeListenerOptions {
  /** Path that the server is mounted at, such as `/uploads`; not where a framework has taken it off already. @default '' */
  readonly basePath?: string
}

/** Answers a request; passes on what is not below the base path where there is someone to pass it to. */
export type NodeListener = (request: IncomingMessage, response: ServerResponse, next?: () => void) => void

/**
 * A listener for `node:http`, and a middleware for Connect. Bodies stream both ways at the other end's pace;
 * a client that leaves aborts its request.
 *
 * Node ends a request after five minutes, however fast its bytes still come: switch that off for large files on slow lines, as below.
 * A body in which nothing comes for a minute is ended here.
 *
 * @example
 * createServer({ requestTimeout: 0 }, toNodeListener(sync, { basePath: '/uploads' })).listen(8787)
 */
export function toNodeListener(sync: Pick<SyncServer, 'fetch'>, { basePath = '' }: NodeListenerOptions = {}): NodeListener {
  const listener = getRequestListener((request, { incoming }) => sync.fetch(request, incoming.socket.remoteAddress), {
    overrideGlobalObjects: false,
  })
  return (request, response, next) => {
    const path = pathBelow(basePath, request.url ?? '/')
    if (path === undefined) {
      if (next === undefined) response.writeHead(404).end()
      else next()
      return
    }
    if (!hasItsBytes(request)) {
      void refuseConsumedBody(response)
      return
    }
    request.url = path
    void listener(request, response)
  }
}
