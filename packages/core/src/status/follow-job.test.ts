import { expect, onTestFinished, test, vi } from 'vitest'
import { UploadError } from '../errors.js'
import type { SyncStatusUpdate } from '../protocol/index.js'
import { createMemoryServer, createMemoryTransport, createTestEnvironment, settle } from '../testing/index.js'
import { followJob } from './follow-job.js'

const JOB = 'job-1'

/** A server that holds a job to which another page adds files, and who follows it here. */
function setUp({ isConnected = true } = {}) {
  const world = createTestEnvironment()
  const server = createMemoryServer()
  const transport = createMemoryTransport()
  const heard: string[] = []
  const onWhole = vi.fn()
  server.onWord(transport.deliver)
  if (isConnected) transport.connect()
  const create = (name: string, jobId = JOB) =>
    server.api.createUploads({ job_id: jobId, files: [{ client_ref: name, name, size: 4, type: '' }] }, new AbortController().signal)
  const follow = async () => {
    const stop = followJob({
      jobId: JOB,
      backend: server.backend,
      realtime: transport.factory,
      environment: world,
      onWord: ({ client_ref, status }: SyncStatusUpdate) => heard.push(`${client_ref} ${status}`),
      onWhole,
    })
    onTestFinished(stop)
    await settle()
    return stop
  }
  const snapshots = () => server.calls.filter((call) => call.startsWith('snapshot')).length
  return { world, server, transport, heard, onWhole, create, follow, snapshots }
}

test('tells what was there before, and then each newer word, live', async () => {
  const { server, heard, onWhole, create, follow } = setUp()
  await create('a')
  await follow()
  expect([heard, onWhole.mock.calls.length]).toEqual([['a pending'], 1])
  await create('b')
  const word = server.say('operation-2', { status: 'completed' })
  expect(heard).toEqual(['a pending', 'b pending', 'b completed'])
  expect(word.job_id).toBe(JOB)
})

test('a job of many pages is whole with the last of them', async () => {
  const { server, world, heard, onWhole, create } = setUp()
  for (const name of ['a', 'b', 'c']) await create(name)
  const stop = followJob({
    jobId: JOB,
    environment: world,
    backend: () => ({
      async snapshot({ cursor = '0' }) {
        expect(onWhole).not.toHaveBeenCalled()
        const place = Number(cursor)
        return { operations: server.words().slice(place, place + 1), cursor: String(place + 1), more: place < 2 }
      },
    }),
    onWord: ({ client_ref }) => heard.push(client_ref ?? ''),
    onWhole,
  })
  onTestFinished(stop)
  await settle()
  expect([heard, onWhole.mock.calls.length]).toEqual([['a', 'b', 'c'], 1])
})

test('tells nothing twice, nothing that is old, and nothing of another job', async () => {
  const { server, transport, heard, create, follow } = setUp()
  await follow()
  await create('a')
  const late = server.word('operation-1')
  server.say('operation-1', { status: 'in_progress' })
  transport.deliver(late)
  transport.deliver(server.word('operation-1'))
  await create('of another job', 'job-2')
  const { job_id: _, ...nameless } = server.word('operation-2')
  transport.deliver({ ...nameless, version: 99 })
  expect(heard).toEqual(['a pending', 'a in_progress'])
})

test('catches up with what was missed, and polls while nothing is heard', async () => {
  const { world, transport, heard, create, follow } = setUp()
  await follow()
  transport.disconnect()
  await create('a')
  await world.clock.advance(2000)
  expect(heard).toEqual(['a pending'])
  await create('b')
  transport.connect()
  await world.clock.advance(200)
  expect(heard).toEqual(['a pending', 'b pending'])
})

test('a job that the server does not know is whole', async () => {
  const { server, onWhole, follow } = setUp()
  server.failNext('snapshot', new UploadError('rejected', 'There is no such job.', { status: 404 }))
  await follow()
  expect(onWhole).toHaveBeenCalledTimes(1)
})

test('asks no more where the server refuses, until the page wakes up', async () => {
  const { world, server, transport, heard, onWhole, create, follow, snapshots } = setUp()
  server.failNext('snapshot', new UploadError('auth', 'No.', { status: 403 }))
  await follow()
  await world.clock.advance(600_000)
  expect([snapshots(), onWhole.mock.calls.length, transport.topics]).toEqual([1, 0, []])
  await create('a')
  world.wake('visible')
  await settle()
  expect([heard, onWhole.mock.calls.length]).toEqual([['a pending'], 1])
})

test('is silent where the job may not be followed, too', async () => {
  const { world, transport, follow, snapshots } = setUp()
  await follow()
  transport.refuse(new UploadError('rejected', 'Not yours.'))
  await world.clock.advance(600_000)
  expect([snapshots(), transport.topics]).toEqual([1, []])
})

test('goes on asking a server that does not answer', async () => {
  const { world, server, heard, create, follow } = setUp({ isConnected: false })
  await create('a')
  server.down()
  await follow()
  expect(heard).toEqual([])
  server.up()
  await world.clock.advance(15_000)
  expect(heard).toEqual(['a pending'])
})

test('leaves nothing behind', async () => {
  const { world, transport, follow, snapshots } = setUp()
  const stop = await follow()
  stop()
  world.wake('visible')
  await world.clock.advance(600_000)
  expect([snapshots(), transport.topics]).toEqual([1, []])
})
