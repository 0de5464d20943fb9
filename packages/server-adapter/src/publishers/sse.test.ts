import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { SnapshotAnswer } from '@upload-panel/core/protocol'
import { beforeEach, describe, expect, test } from 'vitest'
import type { HealthAnswer } from '../handlers/health.js'
import { sqlite } from '../records/sqlite.js'
import type { Authorize } from '../security/authorize.js'
import { type Harness, startHarnessOfTest } from '../testing/harness.js'
import { type ManualClock, manualClock } from '../testing/manual-clock.js'
import { PATIENCE } from '../testing/patience.js'

let clock: ManualClock
let server: Harness

beforeEach(async () => {
  clock = manualClock()
  server = await startHarnessOfTest({ clock })
})

/** Lets time pass, second by second, with what the server does each time. */
async function pass(seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    clock.advance(1000)
    await setImmediate()
  }
}

describe('the event stream', () => {
  test('says how to treat it: no cache, no buffering by proxies, when to come back', async () => {
    const { response } = await server.events('all=1')
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
    expect(response.headers.get('cache-control')).toBe('no-store, no-transform')
    expect(response.headers.get('x-accel-buffering')).toBe('no')
    expect(response.headers.get('upload-panel-protocol')).toBe('1')
  })

  test('carries words about what was asked for, and nothing else', async () => {
    const job = await server.events('job_id=j')
    const all = await server.events('all=1')
    const other = await server.create({}, 'k')
    const wanted = await server.create({}, 'j')
    expect(await job.until(() => true)).toMatchObject({ operation_id: wanted.operation_id })
    expect(await all.until(() => true)).toMatchObject({ operation_id: other.operation_id })
    const one = await server.events(`operation_id=${other.operation_id}&job_id=unused`)
    await server.post(`commands/uploads/${wanted.operation_id}/cancel`, {})
    await server.post(`commands/uploads/${other.operation_id}/cancel`, {})
    expect(await one.until(() => true)).toMatchObject({ operation_id: other.operation_id, status: 'cancelled' })
  })

  test('tells each word once to who asked for it in several ways', async () => {
    const { operation_id } = await server.create({}, 'j')
    const events = await server.events(`operation_id=${operation_id}&job_id=j&all=1`)
    await server.post(`commands/uploads/${operation_id}/cancel`, {})
    const last = await server.create({}, 'j')
    expect(await events.until(() => true)).toMatchObject({ status: 'cancelled' })
    expect(await events.until(() => true)).toMatchObject({ operation_id: last.operation_id })
  })

  test('gives as ids the cursor of the snapshot', async () => {
    const events = await server.events('all=1')
    await server.create()
    const { eventId } = await events.until(() => true)
    const answer = (await (await server.post('queries/operations', { all: true })).json()) as SnapshotAnswer
    expect(eventId).toBe(answer.cursor)
  })

  test('goes on after a break with the current state of what has changed since', async () => {
    const first = await server.events('all=1')
    const a = await server.create()
    const { eventId } = await first.until(({ operation_id }) => operation_id === a.operation_id)
    first.close()
    const b = await server.create({ size: 5 })
    await server.send(b, Buffer.from('hello'))
    await server.complete(b.operation_id)
    const second = await server.events('all=1', { 'last-event-id': eventId })
    const word = await second.until(({ operation_id }) => operation_id === b.operation_id)
    // The word "pending" was overtaken while nobody listened.
    expect(word.status).toBe('completed')
  })

  test('goes on from a heartbeat too, where nothing else had come', async () => {
    const first = await server.events('all=1')
    const { id } = await first.ping()
    first.close()
    const { operation_id } = await server.create()
    expect(await (await server.events('all=1', { 'last-event-id': id })).until(() => true)).toMatchObject({ operation_id })
  })

  test('goes on across a restart of the server', async () => {
    const events = await server.events('job_id=j')
    const { operation_id } = await server.create({}, 'j')
    const { eventId } = await events.until(() => true)
    await server.close()
    server = await startHarnessOfTest({ clock }, server.directory)
    await server.post(`commands/uploads/${operation_id}/cancel`, {})
    const resumed = await server.events('job_id=j', { 'last-event-id': eventId })
    expect(await resumed.until(({ status }) => status === 'cancelled')).toMatchObject({ operation_id })
  })

  test('reads hundreds of missed operations in pages, more than its buffer holds', async () => {
    const idle = await server.events('all=1')
    const { id } = await idle.ping()
    for (let call = 0; call < 6; call += 1) {
      const files = Array.from({ length: 100 }, (_, index) => ({
        client_ref: `r${call}-${index}`,
        name: 'n'.repeat(900),
        size: 1,
        type: '',
      }))
      expect((await server.post('commands/upload-jobs', { files })).status).toBe(200)
    }
    const resumed = await server.events('all=1', { 'last-event-id': id })
    const seen = new Set<string>()
    while (seen.size < 600) seen.add((await resumed.until(() => true)).operation_id)
    expect(seen.size).toBe(600)
  })

  test.each(['nonsense', 'other.5', '', 'a.b.c'])('answers the unknown cursor %j with a reset, and goes on from now', async (cursor) => {
    await server.create()
    const events = await server.events('all=1', { 'last-event-id': cursor })
    expect(await events.next()).toMatchObject({ event: 'reset' })
    const { operation_id } = await server.create()
    expect(await events.until(() => true)).toMatchObject({ operation_id })
  })

  test('answers a cursor from the future, of a database since restored, with a reset', async () => {
    const events = await server.events('all=1')
    const { id } = await events.ping()
    const future = await server.events('all=1', { 'last-event-id': `${id.split('.')[0]}.zzzzz` })
    expect(await future.next()).toMatchObject({ event: 'reset' })
  })

  test('shows every four seconds that it is alive, with a fresh cursor', async () => {
    const events = await server.events('job_id=silent')
    const first = await events.ping()
    await server.create()
    await pass(4)
    const second = await events.ping()
    expect(second.id).not.toBe(first.id)
  })

  test('shows it as often as its client asks, within bounds', async () => {
    const [often, never] = [await server.events('job_id=a&heartbeat_ms=1'), await server.events('job_id=b&heartbeat_ms=60000')]
    for (const events of [often, never]) await events.ping()
    await server.create({}, 'a')
    await pass(1)
    expect((await often.ping()).event).toBe('ping')
    await server.create({}, 'b')
    expect((await never.next()).event).toBe('sync-status')
    await pass(3)
    expect((await never.ping()).event).toBe('ping')
  })

  test('follows what it may, and says what it may not', async () => {
    const { operation_id } = await server.create()
    const events = await server.events(`operation_id=${operation_id}&operation_id=unknown`)
    expect(JSON.parse((await events.next()).data)).toMatchObject({ operation_id: 'unknown', code: 'unknown_operation' })
    await server.post(`commands/uploads/${operation_id}/cancel`, {})
    expect(await events.until(() => true)).toMatchObject({ operation_id, status: 'cancelled' })
    expect((await server.request('events?operation_id=unknown')).status).toBe(404)
  })

  test('is counted while it is open, and let go when its client leaves', async () => {
    const health = async () => ((await (await server.request('queries/health')).json()) as { connections: number }).connections
    const events = await server.events('all=1')
    expect(await health()).toBe(1)
    events.close()
    await expect.poll(health, PATIENCE).toBe(0)
  })

  test('is not opened by a request that wants no body', async () => {
    expect((await server.request('events?all=1', { method: 'HEAD' })).status).toBe(405)
    expect(await (await server.request('queries/health')).json()).toMatchObject({ connections: 0 })
  })

  test('ends when the server closes', async () => {
    const events = await server.events('all=1')
    await server.sync.close()
    await expect(events.next()).rejects.toThrow('ended')
  })

  test.each([
    '',
    'all=yes',
    'job_id=',
    `job_id=${'x'.repeat(201)}`,
    Array.from({ length: 101 }, (_, index) => `job_id=${index}`).join('&'),
  ])('refuses the topics %#', async (query) => {
    expect((await server.request(`events?${query}`)).status).toBe(422)
  })

  test('is refused where too many are open', async () => {
    await server.close()
    server = await startHarnessOfTest({ limits: { maxEventStreams: 1 } }, server.directory)
    await server.events('all=1')
    const refused = await server.request('events?all=1')
    expect([refused.status, await refused.json()]).toMatchObject([503, { code: 'too_many_streams', retryable: true }])
  })

  test('is counted also where many come back at a time, of which each says where it goes on', async () => {
    await server.close()
    const records = sqlite({ path: join(server.directory, 'records.db') })
    let answer = () => {}
    let asked: (() => void) | undefined
    async function latestVersion(): Promise<number> {
      if (asked !== undefined) {
        asked()
        await new Promise<void>((resolve) => {
          const before = answer
          answer = () => (before(), resolve())
        })
      }
      return records.latestVersion()
    }
    server = await startHarnessOfTest({ limits: { maxEventStreams: 1 }, records: { ...records, latestVersion } }, server.directory)
    const broken = await server.events('all=1')
    const { id } = await broken.ping()
    broken.close()
    await expect.poll(async () => ((await (await server.request('queries/health')).json()) as HealthAnswer).connections, PATIENCE).toBe(0)
    let questions = 0
    const allAsked = new Promise<void>((resolve) => {
      asked = () => (questions += 1) === 3 && resolve()
    })
    const streams = [1, 2, 3].map(() => server.request('events?all=1', { headers: { 'last-event-id': id } }))
    await allAsked
    answer()
    const statuses = (await Promise.all(streams)).map(({ status }) => status)
    expect(statuses.sort((a, b) => a - b)).toEqual([200, 503, 503])
  })

  test('ends with the permission that it was opened with, and tells nothing after', async () => {
    await server.close()
    const expiresAtMs = clock.now() + 10_000
    const authorize: Authorize = ({ action }) => ({ subject: 'anna', ...(action === 'subscribe' && { expiresAtMs }) })
    server = await startHarnessOfTest({ clock, authorize }, server.directory)
    const [silent, told] = [await server.events('job_id=silent'), await server.events('all=1')]
    const say = () => server.sync.manager.createSyncOperation({ operation_type: 'update', subject: 'anna' })
    clock.advance(9_500)
    const id = await say()
    expect(await told.until(() => true)).toMatchObject({ operation_id: id })
    clock.advance(500)
    await say()
    await expect(told.until(() => true)).rejects.toThrow('ended')
    await pass(1)
    await expect(silent.until(() => true)).rejects.toThrow('ended')
  })
})

describe('event streams of two servers on one database', () => {
  let other: Harness
  beforeEach(async () => {
    await server.close()
    ;[server, other] = [await startHarnessOfTest({}, server.directory), await startHarnessOfTest({}, server.directory)]
  })
  const create = ({ sync }: Harness) => sync.manager.createSyncOperation({ operation_type: 'update' })

  test('hear what the other one does', async () => {
    const [here, there] = [await server.events('all=1'), await other.events('all=1')]
    const [first, second] = [await create(server), await create(other)]
    for (const events of [here, there]) {
      const heard = new Set<string>()
      while (heard.size < 2) heard.add((await events.until(() => true)).operation_id)
      expect(heard).toEqual(new Set([first, second]))
    }
    await server.sync.manager.completeSyncOperation(second, 'completed')
    expect(await there.until(({ status }) => status === 'completed')).toMatchObject({ operation_id: second })
  })

  test('go on where a stream of the other one broke', async () => {
    const events = await server.events('all=1')
    const first = await create(server)
    const { eventId } = await events.until(({ operation_id }) => operation_id === first)
    await server.close()
    const missed = await create(other)
    const resumed = await other.events('all=1', { 'last-event-id': eventId })
    expect(await resumed.until(({ operation_id }) => operation_id !== first)).toMatchObject({ operation_id: missed })
    const last = await create(other)
    expect(await resumed.until(({ operation_id }) => operation_id !== missed)).toMatchObject({ operation_id: last })
  })

  test('give no cursor that is ahead of what they have told', async () => {
    await other.close()
    const records = sqlite({ path: join(server.directory, 'records.db') })
    // It learns of the other one's changes only when it writes itself.
    other = await startHarnessOfTest({ records: { ...records, watch: () => () => {} } }, server.directory)
    const missed = await create(server)
    // More than the overlap of a cursor.
    for (let count = 0; count < 40; count += 1) await create(server)
    const events = await other.events('all=1')
    const { id } = await events.ping()
    events.close()
    const resumed = await server.events('all=1', { 'last-event-id': id })
    expect(await resumed.until(() => true)).toMatchObject({ operation_id: missed })
  })

  test('are known to both as clients', async () => {
    await server.events('all=1')
    await server.events('all=1')
    const clients = async () =>
      ((await (await other.request('queries/health')).json()) as HealthAnswer).clients.map(({ status, transport }) => [status, transport])
    await expect.poll(clients, PATIENCE).toEqual([
      ['connected', 'sse'],
      ['connected', 'sse'],
    ])
    await server.close()
    await expect.poll(clients, PATIENCE).toEqual([])
  })
})
