import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { fetchClient } from './fetch-client.js'

const ends: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})

async function serve(answer: (request: IncomingMessage, response: ServerResponse, body: Buffer) => void): Promise<string> {
  const server = createServer((request, response) => {
    const chunks: Uint8Array[] = []
    request.on('data', (chunk: Uint8Array) => chunks.push(chunk))
    request.on('end', () => answer(request, response, Buffer.concat(chunks)))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  ends.push(async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/file`
}
const signal = new AbortController().signal

describe('sending by fetch', () => {
  it('sends method, headers and every byte, and tells progress once', async () => {
    const bytes = crypto.getRandomValues(new Uint8Array(60_000))
    const heard: unknown[] = []
    const url = await serve((request, response, body) => {
      heard.push(request.method, request.headers['content-type'], body.equals(bytes))
      response.writeHead(200, { etag: '"tag"' }).end('thanks')
    })
    const progress: number[] = []
    const response = await fetchClient().send({
      method: 'PUT',
      url,
      headers: { 'content-type': 'image/png' },
      body: new Blob([bytes]),
      signal,
      onProgress: (sent) => progress.push(sent),
    })
    expect(heard).toEqual(['PUT', 'image/png', true])
    expect([response.status, response.text, response.header('etag'), response.header('absent')]).toEqual([
      200,
      'thanks',
      '"tag"',
      undefined,
    ])
    expect(progress).toEqual([60_000])
  })

  it('takes every status for an answer', async () => {
    const url = await serve((_request, response) => response.writeHead(507).end('full'))
    expect(await fetchClient().send({ method: 'PUT', url, body: new Blob(), signal })).toMatchObject({ status: 507, text: 'full' })
  })

  it('rejects with a network’s error where there is none', async () => {
    const url = await serve((_request, response) => response.destroy())
    await expect(fetchClient().send({ method: 'PUT', url, body: new Blob(), signal })).rejects.toMatchObject({ code: 'network' })
  })

  it('rejects with the signal’s reason', async () => {
    const controller = new AbortController()
    const reason = new Error('stopped')
    const url = await serve(() => controller.abort(reason))
    await expect(fetchClient().send({ method: 'PUT', url, body: new Blob(), signal: controller.signal })).rejects.toBe(reason)
  })
})
