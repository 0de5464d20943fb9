import { afterEach, describe, expect, test } from 'vitest'
import type { SyncServer } from '../create-sync-server.js'
import { onceForNext, toNextHandlers } from './next.js'

let names = 0
let closed: string[]
const listeners = { SIGTERM: process.listeners('SIGTERM'), SIGINT: process.listeners('SIGINT') }

afterEach(() => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    for (const listener of process.listeners(signal)) if (!listeners[signal].includes(listener)) process.off(signal, listener)
  }
})

function setUp() {
  names += 1
  closed = []
  const name = `server ${names}`
  let made = 0
  const create = async () => {
    made += 1
    const own = made
    const fetch = async (request: Request) => new Response(`${own} ${request.method} ${new URL(request.url).pathname}`)
    // Of a server only what is used here.
    return { fetch, close: async () => void closed.push(name) } as Partial<SyncServer> as SyncServer
  }
  return { name, create, made: () => made }
}
const context = (path?: string[]) => ({ params: Promise.resolve({ locale: 'de', ...(path && { path }) }) })

describe('in Next.js', () => {
  test.each([
    ['https://a.example/de/uploads/queries/health?x=1', ['queries', 'health'], '/queries/health'],
    ['https://a.example/base/de/uploads', undefined, '/'],
    ['https://a.example/uploads/queries/upload-jobs/a%2Fb', ['queries', 'upload-jobs', 'a/b'], '/queries/upload-jobs/a%2Fb'],
  ])('of %s the folder is taken off', async (url, path, seen) => {
    const { create, name } = setUp()
    const { POST } = toNextHandlers(onceForNext(create, name))
    expect(await (await POST(new Request(url, { method: 'POST' }), context(path))).text()).toBe(`1 POST ${seen}`)
  })

  test('the server is made when it is first needed, and once, however often modules are evaluated again', async () => {
    const { create, name, made } = setUp()
    const before = onceForNext(create, name)
    expect(made()).toBe(0)
    const after = onceForNext(create, name)
    expect(await Promise.all([before(), before(), after()])).toHaveLength(3)
    expect(made()).toBe(1)
    expect(await before()).toBe(await after())
  })

  test('a server that could not be made is tried again with the next request', async () => {
    const { create, name } = setUp()
    let isBroken = true
    const server = onceForNext(() => (isBroken ? Promise.reject(new Error('no disk')) : create()), name)
    await expect(server()).rejects.toThrow('no disk')
    isBroken = false
    expect(await server()).toBeDefined()
  })

  test('it is closed where the process is asked to end', async () => {
    const { create, name } = setUp()
    await onceForNext(create, name)()
    const added = process.listeners('SIGTERM').filter((listener) => !listeners.SIGTERM.includes(listener))
    for (const listener of added) listener('SIGTERM')
    expect(closed).toEqual([name])
  })
})
