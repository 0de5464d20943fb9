import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { toNodeListener } from './node.js'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections()
})

async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  servers.push(server)
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
const echoPath = { fetch: async (request: Request) => new Response(new URL(request.url).pathname + new URL(request.url).search) }

describe('the listener for node:http', () => {
  test.each([
    ['/uploads/events?all=1', '/events?all=1'],
    ['/uploads', '/'],
    ['/uploads?x=1', '/?x=1'],
    ['/uploads/', '/'],
  ])('below its base path passes %s on as %s', async (path, seen) => {
    const url = await listen(toNodeListener(echoPath, { basePath: '/uploads' }))
    expect(await (await fetch(url + path)).text()).toBe(seen)
  })

  test.each(['/', '/uploadsx', '/other/uploads'])('has nothing at %s, or leaves it to the next one', async (path) => {
    const listener = toNodeListener(echoPath, { basePath: '/uploads' })
    expect((await fetch((await listen(listener)) + path)).status).toBe(404)
    const chained = await listen((request, response) => listener(request, response, () => response.end('next')))
    expect(await (await fetch(chained + path)).text()).toBe('next')
  })

  test('streams bodies both ways', async () => {
    const url = await listen(toNodeListener({ fetch: async (request) => new Response(request.body) }))
    const body = new Uint8Array(2 ** 20).fill(7)
    expect(new Uint8Array(await (await fetch(url, { method: 'POST', body })).arrayBuffer())).toEqual(body)
  })

  test('says who opened the connection', async () => {
    const url = await listen(toNodeListener({ fetch: async (_request, peer) => new Response(peer) }))
    expect(await (await fetch(url)).text()).toBe('127.0.0.1')
  })

  test('aborts the request of a client that has left', async () => {
    const aborted = Promise.withResolvers<boolean>()
    const arrived = Promise.withResolvers<void>()
    const url = await listen(
      toNodeListener({
        fetch: (request) =>
          new Promise(() => {
            request.signal.addEventListener('abort', () => aborted.resolve(request.signal.aborted))
            arrived.resolve()
          }),
      }),
    )
    const controller = new AbortController()
    fetch(url, { signal: controller.signal }).catch(() => {})
    await arrived.promise
    controller.abort()
    expect(await aborted.promise).toBe(true)
  })

  test.each(['GET /x HTTP/1.1\r\nHost: a b\r\n\r\n', 'GET // HTTP/1.1\r\nHost: x\r\n\r\n', 'GET http:// HTTP/1.1\r\nHost: \r\n\r\n'])(
    'survives the odd request %j',
    async (text) => {
      const url = await listen(toNodeListener(echoPath))
      const socket = connect(Number(new URL(url).port), '127.0.0.1')
      socket.end(text)
      const [answer] = (await once(socket, 'data')) as [Buffer]
      expect(answer.toString()).toMatch(/^HTTP\/1\.1 (200|400|404)/)
      socket.destroy()
      expect((await fetch(url)).status).toBe(200)
    },
  )
})
