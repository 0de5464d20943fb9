import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { serve } from '@hono/node-server'
import express from 'express'
import Fastify from 'fastify'
import { Hono } from 'hono'
import { compress } from 'hono/compress'
import { createSyncServer, type SyncServer } from '../create-sync-server.js'
import { sqlite } from '../records/sqlite.js'
import { disk } from '../storage/disk.js'
import { frameworkContract } from '../testing/framework-contract.js'
import { toExpressHandler } from './express.js'
import { toFastifyPlugin } from './fastify.js'
import { toHonoHandler } from './hono.js'
import { toNodeListener } from './node.js'

/** The `compression` package, as Next.js carries it along. */
const compression = createRequire(import.meta.url)('next/dist/compiled/compression') as () => express.RequestHandler

const openSyncServer = (directory: string): Promise<SyncServer> =>
  createSyncServer({
    records: sqlite({ path: join(directory, 'records.db') }),
    storage: disk({ directory: join(directory, 'files') }),
    open: true,
  })

const originOf = (server: Pick<Server, 'address'>) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`

/** As the documentation says: no new connections, then the end of streams, then the last answers. */
async function closeAll(server: Server, sync: SyncServer): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  await sync.close()
  server.closeIdleConnections()
  await closed
}

frameworkContract({
  name: 'node:http',
  async mount(directory) {
    const sync = await openSyncServer(directory)
    const uploads = toNodeListener(sync, { basePath: '/api/uploads' })
    const server = createServer((request, response) => uploads(request, response, () => response.end('own'))).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const origin = originOf(server)
    return { url: `${origin}/api/uploads`, ownUrl: `${origin}/own`, close: () => closeAll(server, sync) }
  },
})

frameworkContract({
  name: 'Express 5',
  async mount(directory) {
    const sync = await openSyncServer(directory)
    const app = express()
    app.use(compression())
    const api = express.Router()
    api.use('/uploads', toExpressHandler(sync))
    app.use('/api', api)
    app.use(express.json())
    app.get('/own', (_request, response) => void response.send('own'))
    const server = app.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const origin = originOf(server)
    return { url: `${origin}/api/uploads`, ownUrl: `${origin}/own`, close: () => closeAll(server, sync) }
  },
})

frameworkContract({
  name: 'Fastify 5',
  async mount(directory) {
    const app = Fastify()
    await app.register(async (api) => api.register(toFastifyPlugin(await openSyncServer(directory)), { prefix: '/uploads' }), {
      prefix: '/api',
    })
    app.get('/own', () => 'own')
    const origin = await app.listen({ port: 0, host: '127.0.0.1' })
    return { url: `${origin}/api/uploads`, ownUrl: `${origin}/own`, close: () => app.close() }
  },
})

frameworkContract({
  name: 'Hono 4',
  async mount(directory) {
    const sync = await openSyncServer(directory)
    const app = new Hono().basePath('/api')
    app.use(compress())
    app.all('/uploads/*', toHonoHandler(sync, { basePath: '/api/uploads' }))
    app.get('/own', (context) => context.text('own'))
    const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1', overrideGlobalObjects: false }) as Server
    await once(server, 'listening')
    const origin = originOf(server)
    return { url: `${origin}/api/uploads`, ownUrl: `${origin}/api/own`, close: () => closeAll(server, sync) }
  },
})
