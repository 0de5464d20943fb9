import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { sendJson } from '../http-service.ts'
import { serveConnection } from './connection.ts'
import { answerBroadcast } from './http-broadcast.ts'
import type { ServerOptions } from './options.ts'
import { answerRpc } from './rpc.ts'
import { createTenant, type Tenant } from './tenant.ts'
import { checkToken } from './tokens.ts'

const ANY_ORIGIN = {
  'access-control-allow-origin': '*',
  'access-control-allow-headers': 'authorization, apikey, content-type, x-client-info',
  'access-control-allow-methods': 'GET, POST',
}

/** Serves until the process ends. */
export function startServer(options: ServerOptions): void {
  const tenant = createTenant(options)
  const sockets = new WebSocketServer({ noServer: true })

  const server = createServer((request, response) => {
    answer(tenant, request, response).catch((error: unknown) => {
      console.error(error)
      response.destroy()
    })
  })
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => {})
    admit(request, socket, head).catch(() => socket.destroy())
  })
  server.listen(options.port, '127.0.0.1')

  async function admit(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
    const version = searchParams.get('vsn') ?? '1.0.0'
    if (pathname !== '/realtime/v1/websocket') return refuse(socket, 404)
    if (version !== '1.0.0' && version !== '2.0.0') return refuse(socket, 403)
    const apiKey = searchParams.get('apikey') ?? ''
    const problem = await connectProblem(apiKey)
    if (problem !== undefined) {
      await new Promise((resolve) => setTimeout(resolve, options.delays.refuse))
      return refuse(socket, problem.status, JSON.stringify({ error: problem.error }))
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => serveConnection(tenant, webSocket, apiKey, version))
  }

  async function connectProblem(apiKey: string): Promise<{ readonly status: number; readonly error: string } | undefined> {
    if (apiKey === '') return { status: 401, error: 'API key is missing' }
    const checked = await checkToken(apiKey, options.jwtSecret)
    if (!checked.isValid) return { status: 401, error: checked.isExpired ? 'Token has expired' : checked.reason }
    if (sockets.clients.size >= options.limits.sockets) return { status: 429, error: 'Too many connected users' }
    return tenant.joinRate.isExceeded ? { status: 429, error: 'Too many joins per second' } : undefined
  }

  process.once('SIGTERM', () => {
    for (const socket of sockets.clients) socket.close(1012)
    server.close()
    // Clients that do not answer are not waited for.
    setTimeout(() => process.exit(0), 200)
  })
}

function refuse(socket: Duplex, status: number, body = ''): void {
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'connection: close',
    'content-type: application/json',
    `content-length: ${body.length}`,
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}

async function answer(tenant: Tenant, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost')
  for (const [name, value] of Object.entries(ANY_ORIGIN)) response.setHeader(name, value)
  if (request.method === 'OPTIONS') return void response.writeHead(204).end()
  const isBroadcast = request.method === 'POST' && url.pathname.startsWith('/realtime/v1/api/broadcast')
  if (isBroadcast) return answerBroadcast(tenant, request, response, url)
  const rpc = /^\/rest\/v1\/rpc\/([a-z_]+)$/.exec(url.pathname)?.[1]
  if (request.method === 'POST' && rpc !== undefined) return answerRpc(tenant, request, response, rpc)
  if (url.pathname.startsWith('/control/')) return control(tenant, url, response)
  sendJson(response, 404, {})
}

/** What the process that started this one wants. */
async function control({ follower, channels }: Tenant, { pathname, searchParams }: URL, response: ServerResponse): Promise<void> {
  if (pathname === '/control/expire') channels.forEach((channel) => channel.expire())
  if (pathname === '/control/disconnect') channels.forEach((channel) => channel.disconnect())
  if (pathname === '/control/deaf') await follower.setDeaf(searchParams.get('on') === 'true')
  sendJson(response, pathname === '/control/ready' && !follower.isFollowing ? 503 : 200, {})
}
