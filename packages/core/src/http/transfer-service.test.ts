import { describe, expect, it } from 'vitest'
import { UploadError } from '../errors.js'
import { createManualClock } from '../testing/index.js'
import type { HttpRequest } from './http-client.js'
import type { RawResponse } from './raw-response.js'
import { createTransferService } from './transfer-service.js'
import type { WorkerWord } from './worker-messages.js'

const OK: RawResponse = { status: 200, headers: 'etag: "t"\r\n', text: 'thanks' }
const request = { method: 'PUT', url: 'https://storage.test/a?signed=1', body: new Blob(['bytes']) }

function setUp(protocols: readonly string[] = []) {
  const clock = createManualClock()
  const words: WorkerWord[] = []
  const sent: { request: HttpRequest; resolve(response: RawResponse): void; reject(error: unknown): void }[] = []
  const asked: string[] = []
  const hear = createTransferService({
    clock,
    send: (incoming) => new Promise((resolve, reject) => sent.push({ request: incoming, resolve, reject })),
    protocolOf: (origin) => protocols[asked.push(origin) - 1] ?? '',
    post: (word) => words.push(structuredClone(word)),
  })
  const settle = () => clock.advance(0)
  return { clock, hear, words, sent, asked, settle }
}

describe('the Worker’s side', () => {
  it('sends what the page orders and hands the answer back as plain data', async () => {
    const { hear, sent, words, settle } = setUp()
    hear({ send: 7, request: { ...request, headers: { a: 'b' } } })
    expect(sent[0]?.request).toMatchObject({ ...request, headers: { a: 'b' } })
    sent[0]?.resolve(OK)
    await settle()
    expect(words).toEqual([{ ended: 7, sentBytes: undefined, protocol: undefined, result: { response: OK } }])
  })

  it('gathers progress: one message for all requests, at most each 50 ms, with the newest number of each', async () => {
    const { clock, hear, sent, words } = setUp()
    hear({ send: 1, request })
    hear({ send: 2, request })
    for (let bytes = 1; bytes <= 1000; bytes += 1) sent[0]?.request.onProgress?.(bytes)
    sent[1]?.request.onProgress?.(5)
    expect(clock.pending).toBe(1)
    await clock.advance(49)
    expect(words).toEqual([])
    await clock.advance(1)
    expect(words).toEqual([
      {
        progress: [
          [1, 1000],
          [2, 5],
        ],
      },
    ])
    sent[1]?.request.onProgress?.(6)
    await clock.advance(1000)
    expect(words.slice(1)).toEqual([{ progress: [[2, 6]] }])
  })

  it('tells the last progress with the answer, and no number twice', async () => {
    const { clock, hear, sent, words, settle } = setUp()
    hear({ send: 1, request })
    hear({ send: 2, request })
    sent[0]?.request.onProgress?.(5)
    sent[1]?.request.onProgress?.(3)
    sent[0]?.resolve(OK)
    await settle()
    expect(words).toEqual([{ ended: 1, sentBytes: 5, protocol: undefined, result: { response: OK } }])
    await clock.advance(1000)
    expect(words.slice(1)).toEqual([{ progress: [[2, 3]] }])
  })

  it.each([
    [new UploadError('network', 'Lost.'), { code: 'network', message: 'Lost.' }],
    [new UploadError('stalled', 'Stood.'), { code: 'stalled', message: 'Stood.' }],
    [new DOMException('No such header.', 'SyntaxError'), { code: undefined, message: 'No such header.' }],
    ['odd', { code: undefined, message: 'odd' }],
  ])('tells why there was no answer: %s', async (error, failure) => {
    const { hear, sent, words, settle } = setUp()
    hear({ send: 1, request })
    sent[0]?.reject(error)
    await settle()
    expect(words).toEqual([{ ended: 1, sentBytes: undefined, protocol: undefined, result: { failure } }])
  })

  it('stops what the page aborts, and says nothing of it', async () => {
    const { clock, hear, sent, words } = setUp()
    hear({ send: 1, request })
    sent[0]?.request.onProgress?.(5)
    hear({ abort: 1 })
    expect(sent[0]?.request.signal.aborted).toBe(true)
    sent[0]?.reject(sent[0].request.signal.reason)
    hear({ abort: 99 })
    await clock.advance(1000)
    expect(words).toEqual([])
    expect(clock.pending).toBe(0)
  })

  it('answers a ping, and leaves no timer behind', () => {
    const { clock, hear, words } = setUp()
    hear({ ping: true })
    expect(words).toEqual([{ progress: [] }])
    expect(clock.pending).toBe(0)
  })

  it('tells the protocol of an origin once, as soon as the browser knows it', async () => {
    const { asked, hear, sent, words, settle } = setUp(['', 'h2'])
    for (let id = 0; id < 4; id += 1) {
      hear({ send: id, request })
      sent[id]?.resolve(OK)
      await settle()
    }
    expect(words.map((word) => 'ended' in word && word.protocol)).toEqual([undefined, ['https://storage.test', 'h2'], undefined, undefined])
    expect(asked).toEqual(['https://storage.test', 'https://storage.test'])
  })
})
