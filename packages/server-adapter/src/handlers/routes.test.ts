import type {
  CreateUploadsAnswer,
  JobAnswer,
  MultipartPlan,
  PutPlan,
  RetryAnswer,
  SnapshotAnswer,
  SyncStatusUpdate,
} from '@upload-panel/core/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../clock.js'
import { ProcessingError } from '../errors.js'
import type { Authorize } from '../security/authorize.js'
import type { HealthAnswer } from './health.js'
import { type Harness, startHarness, temporaryDirectory } from '../testing/harness.js'

const MIB = 2 ** 20
const bytes = Buffer.from('hello')
const file = { client_ref: 'ref', name: 'a.txt', size: 5, type: 'text/plain' }
/** Whoever says a name is believed: enough for a test. */
const byName: Authorize = ({ request }) => {
  const subject = request.headers.get('x-name')
  return subject === null ? null : { subject }
}
const anna = { 'x-name': 'anna' }
const bert = { 'x-name': 'bert' }

let directory: Awaited<ReturnType<typeof temporaryDirectory>>
let server: Harness

beforeEach(async () => {
  directory = await temporaryDirectory()
})
afterEach(async () => {
  await server.close()
  await directory.remove()
})

const start = async (options: Parameters<typeof startHarness>[1] = {}) => {
  server = await startHarness(directory.path, options)
}
const create = async (files: readonly unknown[], more: object = {}, headers = {}) => {
  const response = await server.post('commands/upload-jobs', { files, ...more }, headers)
  return { status: response.status, answer: (await response.json()) as CreateUploadsAnswer & { code?: string } }
}
const codeOf = async (response: Response) => [response.status, ((await response.json()) as { code: string }).code]
const snapshot = async (body: object, headers = {}) =>
  (await (await server.post('queries/operations', body, headers)).json()) as SnapshotAnswer
const wordOf = async (operationId: string) => (await snapshot({ ids: [operationId] })).operations[0]
const retry = async (operationId: string) => (await (await server.post(`commands/uploads/${operationId}/retry`, {})).json()) as RetryAnswer
const cancel = async (operationId: string) =>
  ((await (await server.post(`commands/uploads/${operationId}/cancel`, {})).json()) as { update: SyncStatusUpdate }).update

describe('creating uploads', () => {
  test('answers a plan for each file, in order, and an error inline where one is refused', async () => {
    await start({ limits: { maxFileBytes: 100 } })
    const { status, answer } = await create([
      file,
      { ...file, client_ref: 'big', size: 101 },
      { ...file, client_ref: 'negative', size: -1 },
      'nonsense',
      { ...file, client_ref: 'other' },
    ])
    expect(status).toBe(200)
    expect(answer.operations).toMatchObject([
      { client_ref: 'ref', plan: { kind: 'put' } },
      { client_ref: 'big', error: { code: 'file_too_large', retryable: false } },
      { client_ref: 'negative', error: { code: 'invalid_file' } },
      { client_ref: '', error: { code: 'invalid_file' } },
      { client_ref: 'other', plan: { kind: 'put' } },
    ])
  })

  test('takes a hundred files and refuses a hundred and one', async () => {
    await start()
    const files = Array.from({ length: 101 }, (_, index) => ({ ...file, client_ref: `r${index}` }))
    expect((await create(files.slice(0, 100))).answer.operations).toHaveLength(100)
    expect(await create(files)).toMatchObject({ status: 422, answer: { code: 'invalid_files' } })
    expect(await create([])).toMatchObject({ status: 422 })
  })

  test('answers the same operation with a fresh plan when the same call comes again', async () => {
    await start()
    const first = await create([file], { job_id: 'j' })
    const second = await create([file], { job_id: 'j' })
    expect(second.answer).toMatchObject({
      job_id: 'j',
      operations: [{ operation_id: (first.answer.operations[0] as { operation_id: string }).operation_id }],
    })
    expect((await snapshot({ job_id: 'j' })).operations).toHaveLength(1)
  })

  test('goes on with the same upload in parts when a later page asks for the same attempt, in the job in which it began', async () => {
    await start()
    const large = { ...file, size: 6 * MIB, prefer: { kind: 'multipart' as const } }
    const first = await server.create(large, 'j')
    const { parts = [] } = first.plan as MultipartPlan
    await server.request(parts[0]?.url ?? '', { method: 'PUT', body: new Uint8Array(5 * MIB) })
    const second = await server.create(large, 'j')
    expect(second).toMatchObject({
      operation_id: first.operation_id,
      plan: { upload_id: (first.plan as MultipartPlan).upload_id, part_bytes: 5 * MIB },
    })
    expect(await (await server.request(`queries/uploads/${second.operation_id}/parts`)).json()).toMatchObject({
      parts: [{ part_number: 1, size: 5 * MIB }],
    })
    expect((await wordOf(first.operation_id))?.status).toBe('pending')
  })

  test('refuses inline the same attempt with another file', async () => {
    await start()
    await create([file])
    const { answer } = await create([{ ...file, size: 6 }])
    expect(answer.operations).toMatchObject([{ client_ref: 'ref', error: { code: 'idempotency_conflict' } }])
  })

  test('says inline that an attempt was received, where it does not wait for bytes any more', async () => {
    await start()
    await server.upload(bytes, file)
    const { answer } = await create([file])
    expect(answer.operations).toMatchObject([{ error: { code: 'already_received' } }])
  })

  test('closes earlier attempts as superseded when the client begins a new one, and deletes their bytes', async () => {
    await start()
    const first = await server.create({ ...file, prefer: { kind: 'multipart' } })
    await server.send(first, bytes)
    const second = await server.create({ ...file, attempt: 2 })
    expect(second.operation_id).not.toBe(first.operation_id)
    expect(await wordOf(first.operation_id)).toMatchObject({ status: 'failed', error: { code: 'superseded', retryable: false } })
    await expect(server.send(first, bytes)).rejects.toThrow('Storage answered 410')
  })

  test('leaves a completed attempt completed when the client begins a new one', async () => {
    await start()
    const update = await server.upload(bytes, file)
    await server.create({ ...file, attempt: 2 })
    expect(await wordOf(update.operation_id)).toMatchObject({ status: 'completed' })
  })

  test('refuses inline an old attempt that comes after a newer one, for the first time or again', async () => {
    await start()
    const second = await server.create({ ...file, attempt: 2 })
    for (let call = 0; call < 2; call += 1) {
      expect((await create([file])).answer.operations).toMatchObject([{ error: { code: 'superseded' } }])
    }
    expect(await wordOf(second.operation_id)).toMatchObject({ status: 'pending' })
  })

  test('says file, attempt, client_ref and job in every word of an operation', async () => {
    await start({ process: () => ({ ok: true }) })
    const identity = {
      client_ref: 'ref',
      attempt: 1,
      job_id: 'j',
      file: { name: 'a.txt', size: 5, type: 'text/plain', relative_path: 'b/a.txt' },
    }
    const events = await server.events('all=1')
    const planned = await server.create({ ...file, relative_path: 'b/a.txt' }, 'j')
    await server.send(planned, bytes)
    await server.complete(planned.operation_id)
    for (const status of ['pending', 'in_progress', 'completed'])
      expect(await events.until((update) => update.status === status)).toMatchObject(identity)
  })

  test('names the job itself where the client did not', async () => {
    await start()
    expect((await create([file])).answer.job_id).toMatch(/^[0-9a-f]{32}$/)
  })

  test('keeps texts as text: without control characters, bounded', async () => {
    await start()
    const { operation_id } = await server.create({ ...file, name: `a\u0000\u202E${'x'.repeat(3000)}\uD800` })
    const name = (await wordOf(operation_id))?.file?.name ?? ''
    expect(name).toHaveLength(1000)
    expect(name.startsWith('axx')).toBe(true)
  })
})

describe('the last byte of an upload', () => {
  const put = (plan: unknown, body: Uint8Array<ArrayBuffer>) => server.request((plan as PutPlan).url, { method: 'PUT', body })

  test('that came in one request needs no call that says so: its answer is that of complete', async () => {
    await start()
    const { operation_id, plan } = await server.create({ size: 5 })
    expect(plan).toMatchObject({ kind: 'put', completes: true })
    const answer = await put(plan, bytes)
    expect(answer.headers.get('etag')).toMatch(/^"[0-9a-f]+"$/)
    expect(await answer.json()).toMatchObject({ update: { operation_id, status: 'completed' } })
    expect(await wordOf(operation_id)).toMatchObject({ status: 'completed' })
  })

  test('starts the processing once, whoever says once more that the bytes are there', async () => {
    let runs = 0
    await start({
      process: async () => {
        runs += 1
      },
    })
    const events = await server.events('all=1')
    const { operation_id, plan } = await server.create({ size: 5 })
    await put(plan, bytes)
    // The answer was lost: the client sends again, is told that this is not needed, and asks for the word.
    expect((await put(plan, bytes)).status).toBe(409)
    await server.complete(operation_id)
    await events.until(({ status }) => status === 'completed')
    expect(runs).toBe(1)
  })

  test('in parts is followed by a call, for only the client knows which parts there are', async () => {
    await start()
    const planned = await server.create({ size: 5, prefer: { kind: 'multipart' } })
    expect(planned.plan).not.toHaveProperty('completes')
    await server.send(planned, bytes)
    expect(await wordOf(planned.operation_id)).toMatchObject({ status: 'pending' })
  })
})

describe('completing an upload', () => {
  test('completes at once where nothing follows', async () => {
    await start()
    expect(await server.upload(bytes)).toMatchObject({ status: 'completed', progress: 100 })
  })

  test('is idempotent, also for calls at the same time', async () => {
    let runs = 0
    await start({
      process: async () => {
        runs += 1
      },
    })
    const events = await server.events('all=1')
    const planned = await server.create({ size: 5 })
    await server.send(planned, bytes)
    const updates = await Promise.all([1, 2, 3].map(() => server.complete(planned.operation_id)))
    expect(new Set(updates.map(({ operation_id }) => operation_id)).size).toBe(1)
    await events.until(({ status }) => status === 'completed')
    expect(await server.complete(planned.operation_id)).toMatchObject({ status: 'completed' })
    expect(runs).toBe(1)
  })
})

describe('cancelling an upload', () => {
  test('ends it, and once more changes nothing', async () => {
    await start()
    const { operation_id } = await server.create()
    const first = await cancel(operation_id)
    expect(first.status).toBe('cancelled')
    expect(await cancel(operation_id)).toEqual(first)
  })

  test('that is completed comes too late, and the answer says so', async () => {
    await start()
    const update = await server.upload(bytes)
    expect(await cancel(update.operation_id)).toEqual(update)
    expect(await server.sync.readFile(update.operation_id)).toBeDefined()
  })

  test('that is being processed aborts the hook and deletes the bytes', async () => {
    const started = Promise.withResolvers<AbortSignal>()
    await start({
      process: (_, { signal }) => {
        started.resolve(signal)
        return new Promise((resolve) => signal.addEventListener('abort', () => resolve('too late')))
      },
    })
    const { operation_id } = await server.upload(bytes)
    const signal = await started.promise
    expect(await cancel(operation_id)).toMatchObject({ status: 'cancelled' })
    expect(signal.aborted).toBe(true)
    expect(await server.sync.readFile(operation_id)).toBeUndefined()
    expect(await wordOf(operation_id)).toMatchObject({ status: 'cancelled' })
  })
})

describe('retrying an upload', () => {
  test('whose processing failed starts the processing again, without the bytes', async () => {
    let runs = 0
    await start({
      process: () => {
        runs += 1
        if (runs === 1) throw new ProcessingError('refused', 'Not today.')
        return 'ok'
      },
    })
    const events = await server.events('all=1')
    const { operation_id } = await server.upload(bytes)
    const failed = await events.until(({ status }) => status === 'failed')
    expect(failed.error).toEqual({ code: 'refused', message: 'Not today.', retryable: true })
    const answer = await retry(operation_id)
    expect(answer).toMatchObject({ update: { operation_id, status: 'in_progress', progress: 0 } })
    expect((answer as { update: SyncStatusUpdate }).update).not.toHaveProperty('error')
    const completed = await events.until(({ status }) => status === 'completed')
    expect(completed).toMatchObject({ operation_id, result: 'ok' })
    expect(completed.version).toBeGreaterThan(failed.version ?? Infinity)
  })

  test('whose bytes never came is a new attempt; the old one is closed as superseded', async () => {
    await start()
    const first = await server.create({ ...file, metadata: { album: 1 } }, 'j')
    const answer = await retry(first.operation_id)
    expect(answer).toMatchObject({ attempt: 2, plan: { kind: 'put' } })
    if (!('plan' in answer)) return
    expect(await wordOf(first.operation_id)).toMatchObject({ error: { code: 'superseded' } })
    expect(await wordOf(answer.operation_id)).toMatchObject({
      job_id: 'j',
      client_ref: 'ref',
      attempt: 2,
      file: { name: 'a.txt', size: 5 },
    })
    await server.send(answer, bytes)
    expect(await server.complete(answer.operation_id)).toMatchObject({ status: 'completed' })
  })

  test('of which some parts have come goes on with them: same operation, fresh addresses', async () => {
    await start({ limits: { minPartBytes: 4 } })
    const { operation_id, plan } = await server.create({ size: 10, prefer: { kind: 'multipart', part_bytes: 4 } })
    const { parts = [] } = plan as MultipartPlan
    await server.request(parts[1]?.url ?? '', { method: 'PUT', body: 'four' })
    expect(await retry(operation_id)).toMatchObject({ operation_id, attempt: 1, plan: { kind: 'multipart', upload_id: operation_id } })
    const listed = await (await server.request(`queries/uploads/${operation_id}/parts`)).json()
    expect(listed).toMatchObject({ parts: [{ part_number: 2, size: 4 }] })
  })

  test('again, after its answer was lost, answers the attempt that it had made', async () => {
    await start()
    const { operation_id } = await server.create(file)
    const first = await retry(operation_id)
    expect(await retry(operation_id)).toMatchObject({ operation_id: (first as { operation_id: string }).operation_id, attempt: 2 })
  })

  test('that was cancelled is a new attempt', async () => {
    await start()
    const { operation_id } = await server.create(file)
    await cancel(operation_id)
    expect(await retry(operation_id)).toMatchObject({ attempt: 2 })
  })

  test('that has all its bytes, though nobody said so, completes it', async () => {
    await start()
    const planned = await server.create(file)
    await server.send(planned, bytes)
    expect(await retry(planned.operation_id)).toMatchObject({ update: { operation_id: planned.operation_id, status: 'completed' } })
  })

  test('that is completed changes nothing', async () => {
    await start()
    const update = await server.upload(bytes)
    expect(await retry(update.operation_id)).toEqual({ update })
  })
})

describe('progress that a client reports', () => {
  test('is shown to other watchers, never goes back, and is never more than the file', async () => {
    await start()
    const { operation_id } = await server.create({ size: 5 })
    const report = (sent_bytes: number) => server.post('commands/upload/progress', { uploads: [{ operation_id, sent_bytes }] })
    expect((await report(3)).status).toBe(204)
    await report(2)
    expect(await wordOf(operation_id)).toMatchObject({
      status: 'pending',
      progress: 0,
      performance_data: { sent_bytes: 3, total_bytes: 5 },
    })
    await report(9)
    expect(await wordOf(operation_id)).toMatchObject({ performance_data: { sent_bytes: 5 } })
  })

  test('on unknown and ended operations changes nothing', async () => {
    await start()
    const { operation_id, version } = await server.upload(bytes)
    const uploads = [
      { operation_id, sent_bytes: 1 },
      { operation_id: 'nobody', sent_bytes: 1 },
    ]
    expect((await server.post('commands/upload/progress', { uploads })).status).toBe(204)
    expect(await wordOf(operation_id)).toMatchObject({ version })
  })
})

describe('the snapshot', () => {
  test('answers operations by id, by job and all, and leaves unknown ones out', async () => {
    await start()
    const a = await server.create({}, 'j')
    const b = await server.create({}, 'k')
    const ids = ({ operations }: SnapshotAnswer) => operations.map(({ operation_id }) => operation_id)
    expect(ids(await snapshot({ ids: [a.operation_id, 'nobody'] }))).toEqual([a.operation_id])
    expect(ids(await snapshot({ job_id: 'k' }))).toEqual([b.operation_id])
    expect(ids(await snapshot({ all: true }))).toEqual([a.operation_id, b.operation_id])
    expect(await snapshot({ job_id: 'never used' })).toMatchObject({ operations: [], more: false })
  })

  test('tells the time of the server that answers', async () => {
    await start({ clock: { ...systemClock, now: () => Date.UTC(2026, 0, 1) } })
    expect(await snapshot({ all: true })).toMatchObject({ server_time: '2026-01-01T00:00:00.000Z' })
  })

  test('answers with a cursor only what has changed since', async () => {
    await start()
    const a = await server.create({}, 'j')
    await server.create({}, 'j')
    const { cursor } = await snapshot({ job_id: 'j' })
    expect(await snapshot({ job_id: 'j', cursor })).toEqual({ operations: [], cursor, more: false, server_time: expect.any(String) })
    await cancel(a.operation_id)
    expect((await snapshot({ job_id: 'j', cursor })).operations).toMatchObject([{ operation_id: a.operation_id, status: 'cancelled' }])
  })

  test('comes in pages of five hundred that together hold everything once', async () => {
    await start()
    for (let call = 0; call < 6; call += 1) {
      const files = Array.from({ length: 100 }, (_, index) => ({ ...file, client_ref: `r${call}-${index}` }))
      await create(files, { job_id: 'j' })
    }
    const first = await snapshot({ job_id: 'j' })
    expect([first.operations.length, first.more]).toEqual([500, true])
    const second = await snapshot({ job_id: 'j', cursor: first.cursor })
    expect([second.operations.length, second.more]).toEqual([100, false])
    expect(new Set([...first.operations, ...second.operations].map(({ operation_id }) => operation_id)).size).toBe(600)
  })

  test('with a cursor of another database begins at the beginning', async () => {
    await start()
    await server.create({}, 'j')
    expect((await snapshot({ job_id: 'j', cursor: 'other.5' })).operations).toHaveLength(1)
  })

  test.each([
    {},
    { ids: 'x' },
    { ids: [''] },
    { ids: Array.from({ length: 501 }, () => 'x') },
    { job_id: 7 },
    { all: 'yes' },
    { all: true, cursor: 5 },
  ])('refuses the question %#', async (body) => {
    await start()
    expect((await server.post('queries/operations', body)).status).toBe(422)
  })
})

describe('a job', () => {
  test('tells how its operations stand', async () => {
    await start()
    const job = async () => (await (await server.request('queries/upload-jobs/j')).json()) as JobAnswer
    const a = await server.create({ size: 5 }, 'j')
    const b = await server.create({ size: 5 }, 'j')
    expect(await job()).toMatchObject({ job_id: 'j', status: 'QUEUED', totalCount: 2, completedCount: 0, failedCount: 0, partial: false })
    await server.send(a, bytes)
    await server.complete(a.operation_id)
    expect(await job()).toMatchObject({ status: 'IN_PROGRESS', completedCount: 1 })
    await cancel(b.operation_id)
    expect(await job()).toMatchObject({
      status: 'COMPLETED',
      totalCount: 2,
      completedCount: 1,
      partial: true,
      operations: [{}, {}],
      more: false,
    })
  })

  test('whose operations all failed has failed', async () => {
    await start({
      process: () => {
        throw new ProcessingError('no', 'No.')
      },
    })
    const events = await server.events('job_id=j')
    const planned = await server.create({ size: 5 }, 'j')
    await server.send(planned, bytes)
    await server.complete(planned.operation_id)
    await events.until(({ status }) => status === 'failed')
    expect(await (await server.request('queries/upload-jobs/j')).json()).toMatchObject({ status: 'FAILED', failedCount: 1, partial: false })
  })

  test('counts an upload once, however many attempts it took', async () => {
    await start()
    const { operation_id } = await server.create(file, 'j')
    await retry(operation_id)
    expect(await (await server.request('queries/upload-jobs/j')).json()).toMatchObject({ totalCount: 1, status: 'QUEUED' })
  })

  test('that nobody has used is unknown', async () => {
    await start()
    expect(await codeOf(await server.request('queries/upload-jobs/x'))).toEqual([404, 'unknown_job'])
  })
})

describe('subjects', () => {
  test('who are nobody are refused everywhere', async () => {
    await start({ authorize: byName })
    const { operation_id } = await server.create({}, 'j', anna)
    const upload = `commands/uploads/${operation_id}`
    const answers = [
      server.post('commands/upload-jobs', { files: [file] }),
      server.post(`${upload}/parts`, { part_numbers: [1] }),
      server.post(`${upload}/complete`, {}),
      server.post(`${upload}/cancel`, {}),
      server.post(`${upload}/retry`, {}),
      server.post('commands/upload/progress', { uploads: [] }),
      server.post('commands/connection', { connection_id: 'c', event: 'connect' }),
      server.post('queries/operations', { all: true }),
      server.request(`queries/uploads/${operation_id}/parts`),
      server.request('queries/upload-jobs/j'),
      server.request('queries/health'),
      server.request('events?all=1'),
    ]
    for (const answer of answers) expect(await codeOf(await answer)).toEqual([401, 'unauthorized'])
  })

  test('get for another’s operation exactly the answer for an unknown one', async () => {
    // At the same moment, for the snapshot tells the server's time.
    await start({ authorize: byName, clock: { ...systemClock, now: () => Date.UTC(2026, 0, 1) } })
    const { operation_id } = await server.create({ size: 5 }, 'j', anna)
    const ask = async (id: string) => {
      const upload = `commands/uploads/${id}`
      const answers = [
        await server.post(`${upload}/parts`, { part_numbers: [1] }, bert),
        await server.post(`${upload}/complete`, {}, bert),
        await server.post(`${upload}/cancel`, {}, bert),
        await server.post(`${upload}/retry`, {}, bert),
        await server.request(`queries/uploads/${id}/parts`, { headers: bert }),
        await server.request(`events?operation_id=${id}`, { headers: bert }),
        await server.post('queries/operations', { ids: [id] }, bert),
        await server.post('commands/upload/progress', { uploads: [{ operation_id: id, sent_bytes: 1 }] }, bert),
      ]
      return Promise.all(answers.map(async (answer) => [answer.status, await answer.text()]))
    }
    const foreign = await ask(operation_id)
    expect(foreign).toEqual(await ask('0'.repeat(32)))
    expect(foreign.map(([status]) => status)).toEqual([404, 404, 404, 404, 404, 404, 200, 204])
    expect((await snapshot({ ids: [operation_id] }, anna)).operations).toMatchObject([{ status: 'pending' }])
    expect((await snapshot({ ids: [operation_id] }, anna)).operations[0]).not.toHaveProperty('performance_data')
  })

  test('do not get into another’s job', async () => {
    await start({ authorize: byName })
    await server.create({}, 'j', anna)
    expect(await create([file], { job_id: 'j' }, bert)).toMatchObject({ status: 404, answer: { code: 'unknown_job' } })
    expect(await codeOf(await server.request('queries/upload-jobs/j', { headers: bert }))).toEqual([404, 'unknown_job'])
    expect((await snapshot({ job_id: 'j' }, bert)).operations).toEqual([])
    expect((await snapshot({ all: true }, bert)).operations).toEqual([])
  })

  test('may use the same client_ref without meeting', async () => {
    await start({ authorize: byName })
    const a = await server.create(file, undefined, anna)
    const b = await server.create(file, undefined, bert)
    expect(a.operation_id).not.toBe(b.operation_id)
  })

  test('who follow a job before its owner uses it hear nothing of it', async () => {
    await start({ authorize: byName })
    const nosy = await server.events('job_id=j', bert)
    const owner = await server.events('job_id=j', anna)
    const { operation_id } = await server.create({}, 'j', anna)
    expect(await owner.until(() => true)).toMatchObject({ operation_id })
    const own = await server.create({}, 'k', bert)
    const resumed = await server.events('job_id=j&job_id=k', { ...bert, 'last-event-id': (await nosy.ping()).id })
    expect(await resumed.until(() => true)).toMatchObject({ operation_id: own.operation_id })
  })

  test('are judged with the action and the operation that the request names', async () => {
    const asked: unknown[] = []
    await start({
      authorize: ({ action, operation }) => {
        asked.push([action, operation?.operation_id])
        return { subject: 'anna' }
      },
    })
    const { operation_id } = await server.create()
    await cancel(operation_id)
    expect(asked).toEqual([
      ['create', undefined],
      ['cancel', operation_id],
    ])
  })
})

describe('health', () => {
  test('tells how the operations went', async () => {
    await start()
    await server.upload(bytes)
    await server.create()
    expect(await (await server.request('queries/health')).json()).toMatchObject({
      health: { status: 'healthy', score: 100, errorRate: 0 },
      metrics: { totalOperations: 2, successRate: 1, peakConcurrency: 1, throughput: 1 },
      connections: 0,
    })
  })

  test('lists the asking subject’s own clients, as they reported themselves', async () => {
    await start({ authorize: byName })
    const report = { connection_id: 'c', event: 'connect', transport: 'sse', latency: 12 }
    expect((await server.post('commands/connection', report, anna)).status).toBe(204)
    const clientsOf = async (headers: Record<string, string>) =>
      ((await (await server.request('queries/health', { headers })).json()) as HealthAnswer).clients
    expect(await clientsOf(anna)).toMatchObject([{ connection_id: 'c', status: 'connected', transport: 'sse', latency: 12 }])
    expect(await clientsOf(bert)).toEqual([])
    expect(await server.sync.manager.connections()).toMatchObject([{ subject: 'anna', connection_id: 'c' }])
    await server.post('commands/connection', { connection_id: 'c', event: 'disconnect' }, anna)
    expect(await clientsOf(anna)).toEqual([])
  })

  test.each([
    {},
    { connection_id: 'c' },
    { connection_id: 'c', event: 'sleep' },
    { connection_id: 'c\n', event: 'ping' },
    { connection_id: 'c', event: 'ping', latency: -1 },
    { connection_id: 'c', event: 'ping', status: 'fine' },
    { connection_id: 'c', event: 'ping', transport: 7 },
    { connection_id: 'c', event: 'ping', reconnect_attempts: 'many' },
  ])('takes no report such as %j', async (report) => {
    await start()
    expect(await codeOf(await server.post('commands/connection', report))).toEqual([422, 'invalid_connection'])
  })
})
