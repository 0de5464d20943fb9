import { once } from 'node:events'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { parseArgs } from 'node:util'
import { createSyncServer } from '@upload-panel/server-adapter'
import { disk } from '@upload-panel/server-adapter/disk'
import { toNodeListener } from '@upload-panel/server-adapter/node'
import { sqlite } from '@upload-panel/server-adapter/sqlite'
import { type SyncServerOrder, SUBJECT } from './sync-server-orders.ts'

/**
 * The server adapter as a process of its own, which can really be killed, with a second port on which a test gives it orders. Between the adapter and
 * the network it can write into every open event stream, and end them all.
 */
const { values } = parseArgs({
  options: { directory: { type: 'string', default: '' }, port: { type: 'string' }, orders: { type: 'string' }, token: { type: 'string' } },
})
let { token } = values
const streams = new Set<TransformStreamDefaultController<Uint8Array>>()

const sync = await createSyncServer({
  // Deaf to what a test writes into the file behind its back: that stands for a word that was lost, and nobody is to be told of it.
  records: { ...sqlite({ path: join(values.directory, 'records.db') }), watch: () => () => {} },
  storage: disk({ directory: join(values.directory, 'files') }),
  // Tests in browsers have pages of another origin.
  cors: { origins: '*' },
  authorize: ({ request }) => (request.headers.get('authorization') === `Bearer ${token}` ? { subject: SUBJECT } : null),
})

async function answer(request: Request): Promise<Response> {
  const response = await sync.fetch(request)
  if (response.body === null || !response.headers.get('content-type')?.startsWith('text/event-stream')) return response
  const passing = new TransformStream<Uint8Array, Uint8Array>({ start: (controller) => void streams.add(controller) })
  return new Response(response.body.pipeThrough(passing), response)
}

/** In every stream that is still open. */
function eachStream(act: (stream: TransformStreamDefaultController<Uint8Array>) => void): void {
  for (const stream of streams) {
    try {
      act(stream)
    } catch {
      streams.delete(stream)
    }
  }
}

/** What the server says of itself, with the number of open streams as `connections`. */
async function health(): Promise<unknown> {
  const response = await sync.fetch(new Request('http://server/queries/health', { headers: { authorization: `Bearer ${token}` } }))
  return response.json()
}

async function obey(order: SyncServerOrder): Promise<unknown> {
  switch (order.do) {
    case 'publish':
      return sync.manager.broadcastSyncUpdate(order.update, { subject: SUBJECT, overridesEnd: true })
    case 'repeat': {
      const event = new TextEncoder().encode(`event: sync-status\ndata: ${JSON.stringify(order.update)}\n\n`)
      eachStream((stream) => stream.enqueue(event))
      return {}
    }
    case 'expire':
      token = order.token
      eachStream((stream) => stream.terminate())
      return {}
    case 'health':
      return health()
  }
}

const server = createServer({ requestTimeout: 0 }, toNodeListener({ fetch: answer }))
server.listen(Number(values.port), '127.0.0.1')
await once(server, 'listening')
createServer((request, response) => {
  text(request)
    .then((order) => obey(JSON.parse(order)))
    .then(
      (done) => response.end(JSON.stringify(done)),
      (error: unknown) => response.writeHead(500).end(String(error)),
    )
}).listen(Number(values.orders), '127.0.0.1')
