import { IncomingMessage } from 'node:http'
import { isRecord } from '@upload-panel/core/protocol'
import type { SyncServer } from '../create-sync-server.js'
import { pathBelow } from './path-below.js'
import { rebase } from './rebase.js'

/** What is needed of Hono's context, of whatever version. */
export interface HonoContext {
  readonly req: { readonly raw: Request }
  /** As `@hono/node-server` fills it. */
  readonly env?: unknown
}

/** Options of {@link toHonoHandler}. */
export interface HonoHandlerOptions {
  /** Path that it is mounted at, such as `/uploads`: the whole of it, where apps are nested. @default '' */
  readonly basePath?: string
}

/**
 * A handler for Hono 4, on whatever it runs that has Node's API.
 *
 * @example
 * app.all('/uploads/*', toHonoHandler(sync, { basePath: '/uploads' }))
 */
export function toHonoHandler(
  sync: Pick<SyncServer, 'fetch'>,
  { basePath = '' }: HonoHandlerOptions = {},
): (context: HonoContext) => Promise<Response> {
  return async ({ req: { raw }, env }) => {
    const path = pathBelow(basePath, new URL(raw.url).pathname)
    return path === undefined ? new Response(null, { status: 404 }) : sync.fetch(rebase(raw, path), peerOf(env))
  }
}

function peerOf(env: unknown): string | undefined {
  return isRecord(env) && env['incoming'] instanceof IncomingMessage ? env['incoming'].socket.remoteAddress : undefined
}
