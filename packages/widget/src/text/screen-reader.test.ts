import { createUploader } from '@upload-panel/core'
import { createMemoryServer, createMemoryTransport, createTestEnvironment, createTestFile, settle } from '@upload-panel/core/testing'
import { expect, it } from 'vitest'
import { english } from '../messages/english.js'
import { announce } from './announce.js'
import { createAnnouncer } from './announcer.js'

/** What somebody who only listens is told of a real uploader. Its clock is the announcer's too. */
function listen() {
  const world = createTestEnvironment()
  const server = createMemoryServer()
  const transport = createMemoryTransport()
  server.onWord(transport.deliver)
  transport.connect()
  const uploader = createUploader({
    backend: server.backend,
    realtime: transport.factory,
    requestSlots: 40,
    processingDeadlineMs: 60_000,
    retry: { attempts: 1 },
    environment: world,
  })
  const heard: string[] = []
  const announcer = createAnnouncer({
    messages: () => english,
    summary: uploader.$summary.get(),
    sayPolitely: (text) => heard.push(text),
    sayNow: (text) => heard.push(`! ${text}`),
    setTimer: world.clock.setTimeout,
  })
  const stop = announce(uploader, announcer)
  const item = (name: string) => uploader.items().find((candidate) => candidate.name === name)
  return {
    uploader,
    heard,
    transport,
    server,
    world,
    stop,
    /** The server's word on files by name. */
    say(names: readonly string[], word: Parameters<typeof server.say>[1]) {
      for (const name of names) server.say(item(name)?.operationId ?? '', word)
    },
    async pass(ms: number) {
      await settle()
      world.paint()
      await world.clock.advance(ms)
      await settle()
      world.paint()
    },
    id: (name: string) => item(name)?.id ?? '',
  }
}

const name = (index: number) => `photo ${index}.jpg`
const names = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => name(from + index))

it('the whole life of a batch, as it is heard', async () => {
  const { uploader, heard, world, transport, say, pass, id, stop } = listen()
  uploader.add(names(0, 40).map((each) => createTestFile(each, 100)))
  await pass(1000)

  for (const request of world.waiting()) request.progress(50)
  await pass(11_000)
  for (const request of world.waiting()) request.progress(90)
  await pass(1000)
  for (const request of world.waiting()) request.respond(200)
  await pass(1000)

  say(names(0, 12), { status: 'completed', progress: 100 })
  await pass(9000)
  say([name(12)], { status: 'failed', error: { code: 'virus', message: 'It has a virus.', retryable: true } })
  await pass(11_000)

  transport.disconnect()
  await pass(4000)
  transport.connect()
  await pass(1000)
  transport.disconnect()
  await pass(15_000)
  transport.connect()
  await pass(11_000)

  await pass(60_000)
  say(names(13, 40), { status: 'completed', progress: 100 })
  await pass(30_000)

  uploader.retry(id(name(12)))
  await pass(11_000)
  for (const request of world.waiting()) request.respond(200)
  await pass(1000)
  say([name(12)], { status: 'completed', progress: 100 })
  await pass(60_000)
  uploader.clear('completed')
  await pass(60_000)
  stop()

  expect(heard).toEqual([
    '40 files added. 0 of 40 uploaded, 0%.',
    '0 of 40 uploaded, 50%.',
    '12 of 40 uploaded, 28 processing.',
    '! photo 12.jpg failed. It has a virus.',
    '12 of 40 uploaded, 27 processing.',
    'The connection to the server is lost. It is tried again.',
    'The connection to the server is back.',
    'Still checking 27 files, the first is photo 39.jpg.',
    'Uploads finished: 39 completed, 1 failed.',
    '0 of 1 uploaded, 1 processing.',
    'Uploads finished: 1 completed.',
  ])
})

it('what fails, what the server takes back though it was completed, and what becomes of both when they are tried again', async () => {
  const { uploader, heard, world, say, pass, id, stop } = listen()
  uploader.add([createTestFile(name(0), 100), createTestFile(name(1), 100)])
  await pass(1000)
  const [first, second] = world.waiting()
  first?.respond(200)
  second?.respond(403)
  await pass(1000)
  say([name(0)], { status: 'completed', progress: 100 })
  await pass(11_000)

  say([name(0)], { status: 'failed', error: { code: 'virus', message: 'It has a virus after all.', retryable: true } })
  await pass(11_000)

  uploader.retry(id(name(0)))
  uploader.retry(id(name(1)))
  await pass(11_000)
  for (const request of world.waiting()) request.respond(200)
  await pass(1000)
  say(names(0, 2), { status: 'completed', progress: 100 })
  await pass(60_000)
  stop()
  expect(heard).toEqual([
    '2 files added. 0 of 2 uploaded, 0%.',
    '! photo 1.jpg failed. Storage no longer accepts the permission for this upload.',
    'Uploads finished: 1 completed, 1 failed.',
    '! photo 0.jpg failed. It has a virus after all.',
    '0 of 2 uploaded, 50%.',
    '0 of 2 uploaded, 2 processing.',
    'Uploads finished: 2 completed.',
  ])
})

it('a network that goes while files are sent, and comes back', async () => {
  const { uploader, heard, world, server, transport, say, pass, stop } = listen()
  uploader.add(names(0, 4).map((each) => createTestFile(each, 100)))
  await pass(11_000)
  world.goOffline()
  server.down()
  transport.disconnect()
  for (const request of world.waiting()) request.fail()
  await pass(30_000)
  server.up()
  world.goOnline()
  transport.connect()
  await pass(11_000)
  for (const request of world.waiting()) request.respond(200)
  await pass(1000)
  say(names(0, 4), { status: 'completed', progress: 100 })
  await pass(30_000)
  stop()
  expect(heard).toEqual([
    '4 files added. 0 of 4 uploaded, 0%.',
    'The connection to the server is lost. It is tried again.',
    'The connection to the server is back.',
    '0 of 4 uploaded, 4 processing.',
    'Uploads finished: 4 completed.',
  ])
})

it('a connection that is lost while nothing is on its way is no news', async () => {
  const { uploader, heard, transport, pass, world, say, stop } = listen()
  uploader.add([createTestFile(name(0), 100)])
  await pass(1000)
  world.waiting()[0]?.respond(200)
  await pass(1000)
  say([name(0)], { status: 'completed', progress: 100 })
  await pass(20_000)
  transport.disconnect()
  await pass(20_000)
  transport.connect()
  await pass(20_000)
  stop()
  expect(heard).toEqual(['1 file added. 0 of 1 uploaded, 0%.', 'Uploads finished: 1 completed.'])
})

it('a second batch is counted by itself, whatever is left of the first', async () => {
  const { uploader, heard, world, pass, say, stop } = listen()
  const run = async (from: number, to: number) => {
    uploader.add(names(from, to).map((each) => createTestFile(each, 100)))
    await pass(11_000)
    for (const request of world.waiting()) request.respond(200)
    await pass(1000)
    say(names(from, to), { status: 'completed', progress: 100 })
    await pass(20_000)
  }
  await run(0, 3)
  await run(3, 5)
  stop()
  expect(heard).toEqual([
    '3 files added. 0 of 3 uploaded, 0%.',
    '0 of 3 uploaded, 3 processing.',
    'Uploads finished: 3 completed.',
    '2 files added. 0 of 2 uploaded, 0%.',
    '0 of 2 uploaded, 2 processing.',
    'Uploads finished: 2 completed.',
  ])
})
