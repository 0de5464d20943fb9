import { afterEach, describe, expect, it, vi } from 'vitest'
import { UploadError } from '../errors.js'
import { createTestEnvironment } from '../testing/index.js'
import { probeOf } from './probe.js'

afterEach(() => vi.unstubAllGlobals())

function setUp(
  fetch: (url: string, init?: RequestInit) => Promise<Response>,
  address: () => string | undefined = () => 'http://s.test/file',
) {
  const world = createTestEnvironment()
  const asked: [url: string, init: RequestInit | undefined][] = []
  const environment = {
    ...world,
    fetch: (url: unknown, init?: RequestInit) => {
      asked.push([String(url), init])
      return fetch(String(url), init)
    },
  }
  const { signal } = new AbortController()
  return { world, asked, probe: () => probeOf(environment, address)(signal) }
}

describe('the probe of a storage', () => {
  it('is content with any answer, also one that CORS hides', async () => {
    const { asked, probe } = setUp(async () => new Response(null, { status: 500 }))
    await probe()
    expect(asked).toMatchObject([['http://s.test/file', { method: 'HEAD', mode: 'no-cors' }]])
  })

  it('fails where there is none', async () => {
    await expect(setUp(() => Promise.reject(new TypeError('Failed to fetch'))).probe()).rejects.toThrow('Failed to fetch')
  })

  it('takes "later" for an answer', async () => {
    const { probe, world } = setUp(() => Promise.reject(new UploadError('throttled', 'Later.', { status: 429 })))
    world.goOffline()
    await expect(probe()).resolves.toBeUndefined()
  })

  it('that is held back because the storage asked for rest believes the browser', async () => {
    const { probe, world } = setUp(() => Promise.reject(new UploadError('throttled', 'Later.')))
    await expect(probe()).resolves.toBeUndefined()
    world.goOffline()
    await expect(probe()).rejects.toMatchObject({ code: 'throttled' })
  })

  it('believes the browser as long as no address is known', async () => {
    const { world, asked, probe } = setUp(
      () => Promise.reject(new TypeError('Failed to fetch')),
      () => undefined,
    )
    await probe()
    world.goOffline()
    await expect(probe()).rejects.toMatchObject({ code: 'network' })
    expect(asked).toEqual([])
  })

  it('believes the browser on a page that is isolated from other origins, which may not know whether they answered', async () => {
    vi.stubGlobal('crossOriginIsolated', true)
    const elsewhere = setUp(() => Promise.reject(new TypeError('Failed to fetch')))
    await elsewhere.probe()
    expect(elsewhere.asked).toEqual([])
    const own = setUp(
      async () => new Response(),
      () => 'http://localhost/upload',
    )
    await own.probe()
    expect(own.asked).toHaveLength(1)
  })
})
