import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { afterEach, describe, expect, test } from 'vitest'
import { toExpressHandler } from './express.js'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections()
})

const echo = { fetch: async (request: Request) => new Response(await request.text()) }
const JSON_TEXT = '{"a" :  1}'

/** An app whose parser comes first, and what it answers to a JSON body. */
async function ask(parser: express.RequestHandler, init: RequestInit = {}): Promise<Response> {
  const app = express()
  app.use(parser)
  app.use('/uploads', toExpressHandler(echo))
  const server = app.listen(0, '127.0.0.1')
  servers.push(server)
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/uploads/x`
  return fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON_TEXT, ...init })
}

describe('in Express, below a body parser', () => {
  test('that made an object of the bytes, a request is refused, and the answer says what to change', async () => {
    const answer = await ask(express.json())
    expect([answer.status, answer.headers.get('content-type')]).toEqual([500, 'application/problem+json'])
    expect(await answer.json()).toMatchObject({ code: 'body_consumed', detail: expect.stringContaining('above express.json()') })
  })

  test('that kept the bytes, they are taken as they came', async () => {
    expect(await (await ask(express.raw({ type: '*/*' }))).text()).toBe(JSON_TEXT)
    const keeping = express.json({ verify: (request, _response, rawBody) => void Object.assign(request, { rawBody }) })
    expect(await (await ask(keeping)).text()).toBe(JSON_TEXT)
  })

  test('that leaves other types alone, those are taken', async () => {
    expect(await (await ask(express.json(), { headers: { 'content-type': 'application/octet-stream' } })).text()).toBe(JSON_TEXT)
  })

  test('a request without a body, or with an empty one, is answered', async () => {
    expect((await ask(express.json(), { method: 'GET', body: null, headers: {} })).status).toBe(200)
    const empty = await ask(express.json(), { body: '' })
    expect([empty.status, await empty.text()]).toEqual([200, ''])
  })
})
