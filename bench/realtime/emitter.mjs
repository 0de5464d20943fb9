// A server of its own process that speaks just enough of each protocol to send words at a steady rate, and of the wire to have uploads at work:
// what is measured is the page. Only Socket.IO's is the real one, since its framing is nothing to write by hand.
import { createServer } from 'node:http'
import { Server as SocketIoServer } from 'socket.io'
import { WebSocketServer } from 'ws'
import { OPERATIONS, wordOf } from './words.mjs'

const operationIds = Array.from({ length: OPERATIONS }, (_, index) => `operation-${String(index).padStart(4, '0')}`)
/** @type {Set<(word: object) => void>} */
const receivers = new Set()
let created = 0
let number = 0

/** @param {import('node:http').IncomingMessage} request */
async function bodyOf(request) {
  let body = ''
  for await (const chunk of request) body += String(chunk)
  return body === '' ? {} : JSON.parse(body)
}

/** @param {string} id @param {object} more */
const wordNow = (id, more) => ({
  operation_id: id,
  operation_type: 'upload',
  status: 'in_progress',
  progress: 0,
  timestamp: new Date().toISOString(),
  ...more,
})

const server = createServer((request, response) => void answer(request, response))

/** @param {import('node:http').IncomingMessage} request @param {import('node:http').ServerResponse} response */
async function answer(request, response) {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
  response.setHeader('access-control-allow-origin', '*')
  response.setHeader('access-control-allow-headers', '*')
  response.setHeader('access-control-allow-methods', '*')
  /** @param {object} value */
  const json = (value) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value))

  if (request.method === 'OPTIONS') return response.writeHead(204).end()
  if (pathname === '/events') {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
    let id = 0
    receiveBy(
      (word) => response.write(`id: ${(id += 1)}\nevent: sync-status\ndata: ${JSON.stringify(word)}\n\n`),
      (end) => request.on('close', end),
    )
    return undefined
  }
  if (pathname === '/emit') {
    emit(Number(searchParams.get('rate')), Number(searchParams.get('seconds')))
    return json({})
  }
  const body = request.method === 'PUT' ? request.resume() && {} : await bodyOf(request)
  const [, id = '', route] = /uploads\/([^/]+)\/(\w+)$/.exec(pathname) ?? []
  if (pathname === '/commands/upload-jobs') {
    const operations = body.files.map((/** @type {{ client_ref: string }} */ file) => {
      const operation_id = operationIds[created++ % OPERATIONS]
      const plan = { kind: 'put', url: `/bytes/${operation_id}`, method: 'PUT', headers: {}, expires_in_s: 3600 }
      return { operation_id, client_ref: file.client_ref, version: 1, plan }
    })
    return json({ job_id: body.job_id, operations })
  }
  if (route === 'complete') return json({ update: wordNow(id, { version: 2 }) })
  if (pathname === '/queries/operations') return json({ operations: [], cursor: '', more: false })
  return json({})
}

/** @param {(word: object) => void} send @param {(end: () => void) => void} onEnd */
function receiveBy(send, onEnd) {
  receivers.add(send)
  onEnd(() => receivers.delete(send))
}

/** @param {import('ws').RawData} data */
const textOf = (data) => (Array.isArray(data) ? Buffer.concat(data) : Buffer.from(/** @type {ArrayBuffer} */ (data))).toString()

/** @param {number} rate words a second @param {number} seconds */
function emit(rate, seconds) {
  const startedAt = performance.now()
  const first = number
  const timer = setInterval(() => {
    const elapsed = Math.min(performance.now() - startedAt, seconds * 1000)
    for (const due = first + Math.floor((elapsed / 1000) * rate); number < due; number += 1) {
      const word = wordOf(operationIds, number)
      for (const receive of receivers) receive(word)
    }
    if (elapsed >= seconds * 1000) clearInterval(timer)
  }, 5)
}

const raw = new WebSocketServer({ noServer: true, perMessageDeflate: false })
raw.on('connection', (socket) =>
  receiveBy(
    (word) => socket.send(JSON.stringify(word)),
    (end) => socket.on('close', end),
  ),
)

const stomp = new WebSocketServer({ noServer: true, perMessageDeflate: false, handleProtocols: () => 'v12.stomp' })
stomp.on('connection', (socket) => {
  const frame = (/** @type {string} */ head, body = '') => socket.send(`${head}\n\n${body}\0`)
  let id = 0
  socket.on('message', (data) => {
    const [command, ...lines] = (textOf(data).split('\n\n')[0] ?? '').split('\n')
    const headers = Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]))
    if (command === 'CONNECT') frame('CONNECTED\nversion:1.2\nheart-beat:0,0')
    if (headers['receipt'] !== undefined) frame(`RECEIPT\nreceipt-id:${headers['receipt']}`)
    if (command !== 'SUBSCRIBE') return
    const { id: subscription, destination } = headers
    receiveBy(
      (word) => {
        const body = JSON.stringify(word)
        frame(
          `MESSAGE\nsubscription:${subscription}\nmessage-id:${(id += 1)}\ndestination:${destination}\ncontent-type:application/json\ncontent-length:${Buffer.byteLength(body)}`,
          body,
        )
      },
      (end) => socket.on('close', end),
    )
  })
})

const supabase = new WebSocketServer({ noServer: true, perMessageDeflate: false })
supabase.on('connection', (socket) => {
  socket.on('message', (data, isBinary) => {
    if (isBinary) return
    const [joinRef, ref, topic, event] = JSON.parse(textOf(data))
    socket.send(JSON.stringify([joinRef, ref, topic, 'phx_reply', { status: 'ok', response: { postgres_changes: [] } }]))
    if (event !== 'phx_join') return
    receiveBy(
      (word) => socket.send(broadcast(topic, word)),
      (end) => socket.on('close', end),
    )
  })
})

/** A broadcast as Supabase's server frames it: kind 4, lengths of topic, event and metadata, JSON. @param {string} topic @param {object} word */
function broadcast(topic, word) {
  const event = 'sync-status'
  return Buffer.concat([Buffer.from([4, topic.length, event.length, 0, 1]), Buffer.from(topic + event + JSON.stringify(word))])
}

const io = new SocketIoServer({ cors: { origin: '*' }, perMessageDeflate: false, destroyUpgrade: false })
io.on('connection', (socket) => {
  socket.onAny((_event, ...values) => {
    const acknowledge = values.at(-1)
    if (typeof acknowledge === 'function') acknowledge({ ok: true })
  })
  receiveBy(
    (word) => socket.emit('sync-status', word),
    (end) => socket.on('disconnect', end),
  )
})
io.attach(server)

const sockets = new Map([
  ['/raw', raw],
  ['/stomp', stomp],
  ['/realtime/v1/websocket', supabase],
])
server.on('upgrade', (request, socket, head) => {
  const target = sockets.get(new URL(request.url ?? '/', 'http://localhost').pathname)
  target?.handleUpgrade(request, socket, head, (client) => target.emit('connection', client, request))
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  process.send?.({ port: typeof address === 'object' ? address?.port : undefined })
})
