import Fastify from 'fastify'
import { afterEach, describe, expect, test } from 'vitest'
import { toFastifyPlugin } from './fastify.js'

const apps: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const app of apps.splice(0)) await app.close()
})

function setUp() {
  const app = Fastify()
  apps.push(app)
  let closed = 0
  const sync = {
    fetch: async (request: Request) =>
      new Response(await request.text(), { headers: { 'x-type': request.headers.get('content-type') ?? '' } }),
    async close() {
      closed += 1
    },
  }
  return { app, sync, closed: () => closed }
}

describe('in Fastify', () => {
  test('hooks around it run, and the headers that they set are sent', async () => {
    const { app, sync } = setUp()
    app.addHook('onRequest', async (request, reply) => {
      reply.header('x-hook', 'seen')
      if (request.headers['x-banned'] !== undefined) await reply.code(403).send('banned')
    })
    await app.register(toFastifyPlugin(sync), { prefix: '/uploads' })
    const url = await app.listen({ port: 0, host: '127.0.0.1' })
    expect((await fetch(`${url}/uploads/x`)).headers.get('x-hook')).toBe('seen')
    expect((await fetch(`${url}/uploads/x`, { headers: { 'x-banned': '1' } })).status).toBe(403)
  })

  test('bodies come as they are, with their type, and routes beside it are parsed as ever', async () => {
    const { app, sync } = setUp()
    await app.register(toFastifyPlugin(sync), { prefix: '/uploads' })
    app.post('/own', ({ body }) => body)
    const url = await app.listen({ port: 0, host: '127.0.0.1' })
    const send = (path: string, type: string, method: 'POST' | 'PUT' = 'POST') =>
      fetch(`${url}${path}`, { method, headers: { 'content-type': type }, body: '{"a" : 1}' })
    const own = await send('/uploads/x', 'none-at-all', 'PUT')
    expect([own.headers.get('x-type'), await own.text()]).toEqual(['none-at-all', '{"a" : 1}'])
    expect(await (await send('/uploads/x', 'application/json')).text()).toBe('{"a" : 1}')
    expect(await (await send('/own', 'application/json')).json()).toEqual({ a: 1 })
  })

  test('it is closed with the app, unless that is left to somebody else', async () => {
    const closing = setUp()
    await closing.app.register(toFastifyPlugin(closing.sync), { prefix: '/uploads' })
    await closing.app.close()
    expect(closing.closed()).toBe(1)
    const leaving = setUp()
    await leaving.app.register(toFastifyPlugin(leaving.sync), { prefix: '/uploads', close: false })
    await leaving.app.close()
    expect(leaving.closed()).toBe(0)
  })
})
