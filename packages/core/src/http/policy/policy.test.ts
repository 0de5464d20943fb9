import { describe, expect, it } from 'vitest'
import { createTestEnvironment } from '../../testing/test-environment.js'
import { settle } from '../../testing/manual-clock.js'
import { applyPolicy } from './policy.js'

const API = 'https://api.test'
const S3 = 'https://storage.test'

/** `fetch` answers what the test says next: a status, and a time to wait. */
function start() {
  const world = createTestEnvironment()
  const answers: { status: number; retryAfter?: string }[] = []
  const calls: string[] = []
  const policy = applyPolicy(
    {
      ...world,
      fetch: (input) => {
        calls.push(input instanceof Request ? input.url : input.toString())
        const { status, retryAfter } = answers.shift() ?? { status: 200 }
        return Promise.resolve(new Response('{}', { status, headers: retryAfter === undefined ? {} : { 'retry-after': retryAfter } }))
      },
    },
    () => 6,
  )
  const put = async (path = '/a') =>
    policy.network.http.send({ method: 'PUT', url: S3 + path, body: new Blob(), signal: AbortSignal.timeout(9e6) })
  const answer = (status: number, headers = {}, text = '') => world.waiting()[0]?.respond(status, headers, text)
  return { world, answers, calls, policy, put, answer }
}

describe('one policy for bytes and calls', () => {
  it('closes the slots of an origin whose storage says "too many", until it may be asked again', async () => {
    const { world, policy, put, answer } = start()
    const sent = put()
    await settle()
    answer(429, { 'retry-after': '7' })
    expect((await sent).status).toBe(429)
    expect(policy.slots.limit(S3)).toBe(0)
    expect(policy.slots.limit(API)).toBe(6)

    let isGranted = false
    void policy.slots.take(S3, [0], AbortSignal.timeout(9e6)).then(() => (isGranted = true))
    await world.clock.advance(6999)
    expect(isGranted).toBe(false)
    await world.clock.advance(1)
    expect(isGranted).toBe(true)
    expect(policy.slots.limit(S3)).toBe(1)
  })

  it('knows the way in which S3 says it', async () => {
    const { policy, put, answer } = start()
    const sent = put()
    await settle()
    answer(503, {}, '<Error><Code>SlowDown</Code></Error>')
    await sent
    expect(policy.slots.limit(S3)).toBe(0)
  })

  it('does not take a fault of the server for a wish to slow down', async () => {
    const { policy, put, answer } = start()
    const sent = put()
    await settle()
    answer(503)
    await sent
    expect(policy.slots.limit(S3)).toBe(6)
  })

  it('spares a server that asked for rest the calls, and says in its place when to come back', async () => {
    const { answers, calls, policy } = start()
    answers.push({ status: 429, retryAfter: '30' })
    expect((await policy.network.fetch(`${API}/jobs`)).status).toBe(429)
    await expect(policy.network.fetch(`${API}/jobs`)).rejects.toMatchObject({ code: 'throttled', retryAfterMs: 30_000 })
    expect(calls).toEqual([`${API}/jobs`])
  })

  it('holds up bytes for what calls were told, where both go to one origin', async () => {
    const { answers, policy } = start()
    answers.push({ status: 503, retryAfter: '30' })
    await policy.network.fetch('/uploads/queries')
    expect(policy.slots.limit('http://localhost')).toBe(0)
  })

  it('lets calls through again after the time, and more bytes with each answer', async () => {
    const { world, answers, policy } = start()
    answers.push({ status: 429, retryAfter: '1' })
    await policy.network.fetch(new Request(`${API}/jobs`))
    await world.clock.advance(1000)
    expect((await policy.network.fetch(new URL(`${API}/jobs`))).status).toBe(200)
    expect(policy.slots.limit(API)).toBe(2)
  })
})
