import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { createServerTruth, type ServerTruth } from '../../packages/core/src/testing/server-truth.js'
import { type HttpService, sendJson, serveHttp } from '../../scripts/services/http-service.js'

/** A site with the page that follows uploads, and the snapshot of what the server knows. */
export interface RealtimeSite extends HttpService {
  readonly truth: ServerTruth
  /** Snapshots that were asked for. */
  readonly snapshots: () => number
  /** While it is away, requests of the page are cut. */
  setAway(isAway: boolean): void
}

export async function startRealtimeSite(): Promise<RealtimeSite> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('page.js', import.meta.url))],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'error',
  })
  const script = outputFiles[0]?.text ?? ''
  const truth = createServerTruth()
  let snapshots = 0
  let isAway = false

  const http = await serveHttp(async (request, response) => {
    if (request.url === '/')
      return void response
        .writeHead(200, { 'content-type': 'text/html' })
        .end('<!doctype html><meta charset="utf-8"><script type="module" src="page.js"></script>')
    if (request.url === '/page.js') return void response.writeHead(200, { 'content-type': 'text/javascript' }).end(script)
    if (isAway) return void request.socket.destroy()
    const body = JSON.parse((await text(request)) || '{}')
    if (request.url !== '/uploads/queries/operations') return sendJson(response, 200, {})
    snapshots += 1
    sendJson(response, 200, truth.snapshot(body))
  })
  return { ...http, truth, snapshots: () => snapshots, setAway: (away) => void (isAway = away) }
}
