import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { memory } from '../records/memory.js'
import { disk } from '../storage/disk.js'
import { type Harness, startHarness, temporaryDirectory } from '../testing/harness.js'
import { type ManualClock, manualClock } from '../testing/manual-clock.js'

let directory: Awaited<ReturnType<typeof temporaryDirectory>>
let clock: ManualClock
let server: Harness
let logged: string[]
/** What is wrong with the database: nothing, a fault, or that it does not answer. */
let database: 'fine' | 'broken' | 'silent'
let looks: number

beforeEach(async () => {
  directory = await temporaryDirectory()
  clock = manualClock()
  logged = []
  database = 'fine'
  looks = 0
  const records = memory()
  const { latestVersion } = records
  const logger = {
    debug: (message: string) => void logged.push(message),
    info: (message: string) => void logged.push(message),
    warn: () => {},
    error: (message: string) => void logged.push(message),
  }
  server = await startHarness(directory.path, {
    clock,
    logger,
    authorize: () => null,
    records: {
      ...records,
      latestVersion() {
        looks += 1
        if (database === 'broken') return Promise.reject(new Error('password of the database is wrong: hunter2'))
        return database === 'silent' ? new Promise(() => {}) : latestVersion()
      },
    },
    storage: disk({ directory: `${directory.path}/files` }),
  })
  looks = 0
})
afterEach(async () => {
  database = 'fine'
  await server.close()
  await directory.remove()
})

const ask = async (path: string) => {
  const response = await server.request(path)
  return [response.status, await response.json()] as const
}
const unready = { status: 503, code: 'not_ready', detail: 'The server takes no requests now. Try again in a moment.' }

describe('a probe', () => {
  test('needs no permission, and is told nothing but what it asks', async () => {
    expect(await ask('health/live')).toEqual([200, { status: 'live' }])
    expect(await ask('health/ready')).toEqual([200, { status: 'ready' }])
    expect((await server.request('health/ready', { method: 'HEAD' })).status).toBe(200)
    expect(logged).toContain('GET /health/ready 200')
  })

  test('hears when the database fails, and when it answers again; why is for the log', async () => {
    database = 'broken'
    expect(await ask('health/ready')).toMatchObject([503, unready])
    expect(await ask('health/live')).toEqual([200, { status: 'live' }])
    expect(logged.filter((message) => message.startsWith('Records'))).toHaveLength(1)
    database = 'fine'
    clock.advance(1000)
    expect((await ask('health/ready'))[0]).toBe(200)
  })

  test('is answered, too, while the database is not', async () => {
    database = 'silent'
    const answer = ask('health/ready')
    while (looks === 0) await new Promise(setImmediate)
    clock.advance(2000)
    expect(await answer).toMatchObject([503, unready])
  })

  test('of anyone does not make the database work each time', async () => {
    for (let count = 0; count < 20; count += 1) await ask('health/ready')
    expect(looks).toBe(1)
    clock.advance(1000)
    await ask('health/ready')
    expect(looks).toBe(2)
  })

  test('of a server that drains says so, while other requests are still answered; closed, it still lives', async () => {
    server.sync.drain()
    expect((await ask('health/ready'))[0]).toBe(503)
    expect((await ask('nowhere'))[0]).toBe(404)
    await server.sync.close()
    expect((await ask('health/ready'))[0]).toBe(503)
    expect((await ask('health/live'))[0]).toBe(200)
    expect(await ask('nowhere')).toMatchObject([503, { code: 'server_closing' }])
  })
})
