import { once } from 'node:events'
import { mkdir, readFile, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { createSecureServer } from 'node:http2'
import { type AddressInfo, type Socket } from 'node:net'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createDemoServer } from '../../examples/demo/lib/demo-server.mjs'
import { createCertificate } from './certificate.js'

export type Protocol = 'http/1.1' | 'h2'

/** One request of the page to the server. */
export interface SeenRequest {
  readonly method: string
  /** With the query. */
  readonly path: string
  readonly isAnswered: boolean
}

/** The demo's own server in this process, with a page that has the engine and no panel, over the protocol of one's choice. */
export interface EngineServer {
  /** Of the page. */
  readonly url: string
  readonly dataDirectory: string
  readonly requests: readonly SeenRequest[]
  /** Lets matching requests come in and does nothing with them until the returned function is called. */
  hold(match: (request: SeenRequest) => boolean): () => void
  close(): Promise<void>
}

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))
/** Address → folder. */
const FOLDERS: readonly (readonly [string, string])[] = [
  ['/modules/@upload-panel/core/', at('../../packages/core/dist/')],
  ['/modules/nanostores/', at('../../node_modules/nanostores/')],
  ['/modules/eventsource-parser/', at('../../node_modules/eventsource-parser/dist/')],
  ['/engine/', at('./')],
]
const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8' }

/** `dataDirectory` is made, and goes when the server is closed. */
export async function startEngineServer(protocol: Protocol, dataDirectory: string): Promise<EngineServer> {
  await mkdir(dataDirectory, { recursive: true })
  const demo = await createDemoServer({ dataDirectory })
  const requests: { method: string; path: string; isAnswered: boolean }[] = []
  let holding: { readonly match: (request: SeenRequest) => boolean; readonly held: (() => void)[] } | undefined
  const sockets = new Set<Socket>()

  const listener: RequestListener = (request, response) => {
    const seen = { method: request.method ?? '', path: request.url ?? '', isAnswered: false }
    requests.push(seen)
    response.on('close', () => (seen.isAnswered = true))
    const go = () => answer(request, response)
    if (holding?.match(seen)) holding.held.push(go)
    else go()
  }

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    const [prefix, folder] = FOLDERS.find(([one]) => pathname.startsWith(one)) ?? []
    if (prefix === undefined || folder === undefined) return demo.listener(request, response)
    const path = join(folder, pathname.slice(prefix.length) || 'index.html')
    readFile(path).then(
      (content) => response.writeHead(200, { 'content-type': TYPES[extname(path)] ?? 'application/octet-stream' }).end(content),
      () => response.writeHead(404).end(),
    )
  }

  const isSecure = protocol === 'h2'
  const server = isSecure
    ? // HTTP/2's requests and answers have what the demo uses of HTTP/1.1's. A browser keeps to a hundred streams where a server names no number.
      createSecureServer({ ...createCertificate(), settings: { maxConcurrentStreams: 250 } }, listener as never)
    : createServer({ requestTimeout: 0 }, listener)
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo

  return {
    url: `${isSecure ? 'https' : 'http'}://127.0.0.1:${port}/engine/`,
    dataDirectory,
    requests,
    hold(match) {
      const mine = { match, held: [] as (() => void)[] }
      holding = mine
      return () => {
        holding = undefined
        for (const go of mine.held) go()
      }
    },
    async close() {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
      await demo.close()
      await rm(dataDirectory, { recursive: true, force: true })
    },
  }
}
