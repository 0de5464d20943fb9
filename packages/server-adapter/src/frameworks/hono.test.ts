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
    expect(await (await app.request('/', {}, { incoming: { socket: { remoteAddress: '192.0.2.1' } } })).text()).toBe('192.0.2.1')
    expect(await (await app.request('/')).text()).toBe('nobody')
  })

  test('what the route lets through from beside the base path is not found', async () => {
    const app = new Hono().all('*', toHonoHandler(echo, { basePath: '/uploads' }))
    expect((await app.request('/uploadsx')).status).toBe(404)
  })
})
