import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { describe, expect, test } from 'vitest'
import { toHonoHandler } from './hono.js'

const echo = { fetch: async (request: Request) => new Response(`${request.method} ${request.url} ${await request.text()}`) }

describe('in Hono', () => {
  test('paths lose the base path, and nothing else', async () => {
    const app = new Hono().all('/api/uploads/*', toHonoHandler(echo, { basePath: '/api/uploads' }))
    expect(await (await app.request('/api/uploads/a%2Fb?c=%20', { method: 'PUT', body: 'x' })).text()).toBe(
      'PUT http://localhost/a%2Fb?c=%20 x',
    )
    expect(await (await app.request('/api/uploads//evil.example/x')).text()).toBe('GET http://localhost//evil.example/x ')
  })

  test('who opened the connection is told, where it is known', async () => {
    const tell = { fetch: async (_request: Request, peer?: string) => new Response(peer ?? 'nobody') }
    const app = new Hono().all('*', toHonoHandler(tell))
    const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1', overrideGlobalObjects: false })
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    expect(await (await fetch(`http://127.0.0.1:${port}`)).text()).toBe('127.0.0.1')
    server.close()
    expect(await (await app.request('/')).text()).toBe('nobody')
  })

  test('what the route lets through from beside the base path is not found', async () => {
    const app = new Hono().all('*', toHonoHandler(echo, { basePath: '/uploads' }))
    expect((await app.request('/uploadsx')).status).toBe(404)
  })
})
