import { beforeEach, describe, expect, test } from 'vitest'
import { memory } from '../records/memory.js'
import type { OperationRecords } from '../records/operation-records.js'
import type { Authorize } from './authorize.js'
import { type Harness, startHarnessOfTest } from '../testing/harness.js'

/** Whoever says a name is believed: what this is about comes after that. */
const byName: Authorize = ({ request }) => {
  const subject = request.headers.get('x-name')
  return subject === null ? null : { subject }
}
const anna = { 'x-name': 'anna' }
const bert = { 'x-name': 'bert' }
const JOB = 'job-of-anna'

let server: Harness
/** What the records were asked for, in the order in which it was. */
let calls: string[]
/** An upload of anna's that waits for bytes, one that has them, and a synchronisation: what they are must make no difference. */
let foreign: readonly string[]

beforeEach(async () => {
  calls = []
  server = await startHarnessOfTest({ authorize: byName, records: watched(memory()), rateLimits: false })
  const waiting = await server.create({ size: 100, prefer: { kind: 'multipart' } }, JOB, anna)
  const stored = await server.create({ size: 5, client_ref: 'ref-of-anna' }, JOB, anna)
  await server.send(stored, Buffer.from('hello'))
  const manager = server.sync.manager
  foreign = [waiting.operation_id, stored.operation_id, await manager.createSyncOperation({ operation_type: 'full_sync', subject: 'anna' })]
})

function watched(records: OperationRecords): OperationRecords {
  return new Proxy(records, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name)
      if (typeof member !== 'function') return member
      return (...args: unknown[]) => {
        calls.push(String(name))
        return Reflect.apply(member, target, args)
      }
    },
  })
}

/** Whatever of an answer could tell something: all of it, but for the time and the request's own id. */
async function seenBy(headers: Record<string, string>, path: string, init: RequestInit = {}) {
  calls.length = 0
  const response = await server.request(path, { ...init, headers: { 'content-type': 'application/json', ...headers } })
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true
  const text = isStream ? '' : await response.text()
  if (isStream) await response.body?.cancel()
  const told = [...response.headers].filter(([name]) => !['date', 'x-request-id'].includes(name))
  return { status: response.status, text, told, calls: [...calls] }
}

const post = (body: object): RequestInit => ({ method: 'POST', body: JSON.stringify(body) })
const UNKNOWN = 'an-operation-that-never-was'

describe('an operation of somebody else', () => {
  const ways: Record<string, (id: string) => [path: string, init?: RequestInit]> = {
    'POST parts': (id) => [`commands/uploads/${id}/parts`, post({ part_numbers: [1] })],
    'GET parts': (id) => [`queries/uploads/${id}/parts`],
    complete: (id) => [`commands/uploads/${id}/complete`, post({})],
    cancel: (id) => [`commands/uploads/${id}/cancel`, post({})],
    retry: (id) => [`commands/uploads/${id}/retry`, post({})],
    'events of it alone': (id) => [`events?operation_id=${id}`],
    'a webhook’s trigger': (id) => ['webhooks/any', { method: 'PUT', body: JSON.stringify({ operation_id: id }) }],
    'a subscribe token': (id) => ['commands/subscribe-token', post({ operation_ids: [id] })],
    'the job of that name': (id) => [`queries/upload-jobs/${id}`],
    'bytes for it': (id) => [`storage/${id}?part=1&offset=0&size=5&expires=9999999999&signature=x`, { method: 'PUT', body: 'hello' }],
  }

  test.each(Object.entries(ways))('looks like one that never was: %s', async (_name, way) => {
    const [path, init] = way(UNKNOWN)
    const unknown = await seenBy(bert, path, init)
    expect(unknown.status).toBeGreaterThanOrEqual(400)
    expect(unknown.text).not.toContain(UNKNOWN)
    for (const id of foreign) {
      const [foreignPath, foreignInit] = way(id)
      expect(await seenBy(bert, foreignPath, foreignInit)).toEqual(unknown)
    }
  })

  test('is in no snapshot, also not beside what is one’s own', async () => {
    const own = (await server.create({}, 'job-of-bert', bert)).operation_id
    const ask = (ids: readonly string[]) => seenBy(bert, 'queries/operations', post({ ids }))
    const withoutTime = ({ text, ...rest }: Awaited<ReturnType<typeof ask>>) => ({
      ...rest,
      text: text.replace(/"server_time":"[^"]*"/, ''),
    })
    const expected = withoutTime(await ask([own, UNKNOWN]))
    expect(expected.text).toContain(own)
    for (const id of foreign) expect(withoutTime(await ask([own, id]))).toEqual(expected)
    const all = JSON.stringify(await seenBy(bert, 'queries/operations', post({ all: true })))
    for (const id of foreign) expect(all).not.toContain(id)
  })

  test('is refused in a stream as an unknown one is, beside what is one’s own', async () => {
    const own = (await server.create({}, 'job-of-bert', bert)).operation_id
    const refusal = async (id: string) => {
      const events = await server.events(`operation_id=${own}&operation_id=${id}`, bert)
      const { event, data } = await events.next()
      events.close()
      return [event, data.replaceAll(id, 'id')]
    }
    const unknown = await refusal(UNKNOWN)
    expect(unknown[0]).toBe('refused')
    for (const id of foreign) expect(await refusal(id)).toEqual(unknown)
  })

  test('is not moved by reports of progress, which are answered the same', async () => {
    const before = await Promise.all(foreign.map((id) => server.sync.manager.get(id)))
    const report = (id: string) => seenBy(bert, 'commands/upload/progress', post({ uploads: [{ operation_id: id, sent_bytes: 50 }] }))
    const unknown = await report(UNKNOWN)
    for (const id of foreign) expect(await report(id)).toEqual(unknown)
    expect(await Promise.all(foreign.map((id) => server.sync.manager.get(id)))).toEqual(before)
  })

  test('says nothing to whoever is nobody', async () => {
    for (const way of Object.values(ways).slice(0, 6)) {
      const [unknownPath, unknownInit] = way(UNKNOWN)
      const unknown = await seenBy({}, unknownPath, unknownInit)
      expect(unknown.status).toBe(401)
      for (const id of foreign) {
        const [path, init] = way(id)
        expect(await seenBy({}, path, init)).toEqual(unknown)
      }
    }
  })
})

describe('a job of somebody else', () => {
  test('has no status, no snapshot and takes no files', async () => {
    expect(await seenBy(bert, `queries/upload-jobs/${JOB}`)).toEqual(await seenBy(bert, 'queries/upload-jobs/unknown'))
    const snapshot = async (job_id: string) =>
      (await seenBy(bert, 'queries/operations', post({ job_id }))).text.replace(/"server_time":"[^"]*"/, '')
    expect(await snapshot(JOB)).toEqual(await snapshot('unknown'))
    const file = { client_ref: 'a', name: 'a', size: 1, type: '' }
    const { status, text } = await seenBy(bert, 'commands/upload-jobs', post({ job_id: JOB, files: [file] }))
    expect([status, text]).toEqual([404, expect.stringContaining('unknown_job')])
  })

  test('can be followed like one that nobody has used yet, and stays silent', async () => {
    const following = await Promise.all([JOB, 'unknown'].map((job) => server.events(`job_id=${job}`, bert)))
    await server.sync.manager.completeSyncOperation(foreign[2] ?? '', 'completed')
    await server.create({}, JOB, anna)
    const own = await server.create({}, 'job-of-bert', bert)
    const all = await server.events('all=1', bert)
    await server.post(`commands/uploads/${own.operation_id}/cancel`, {}, bert)
    await all.until(({ status }) => status === 'cancelled')
    for (const events of following) {
      const first = await Promise.race([events.next(), events.ping().then(() => 'silence')])
      expect(first).toBe('silence')
    }
  })
})

describe('a client_ref of somebody else', () => {
  test('is as free as any: the same name, and the same attempt, are another upload', async () => {
    const own = await server.create({ client_ref: 'ref-of-anna', size: 7 }, 'job-of-bert', bert)
    expect(foreign).not.toContain(own.operation_id)
    const [, stored = ''] = foreign
    expect(await server.sync.manager.get(stored)).toMatchObject({ status: 'completed', file: { size: 5 } })
  })
})
