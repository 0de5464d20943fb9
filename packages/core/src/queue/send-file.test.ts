import { describe, expect, it } from 'vitest'
import { UploadError } from '../errors.js'
import type { UploaderOptions } from '../options.js'
import { startEngine } from '../testing/engine.js'
import { createManualClock, settle } from '../testing/manual-clock.js'
import { createTestFile, type TestFile } from '../testing/test-file.js'
import { isReadable, sendFile } from './send-file.js'

const FILE_GONE = {
  reason: 'file',
  error: { code: 'file_unreadable', message: 'The file cannot be read any more. Choose it again to go on.' },
}

/** An engine that uploads one file. */
async function upload(file: TestFile, options: Partial<UploaderOptions> = {}) {
  const engine = startEngine(options)
  const [id = ''] = engine.uploader.add([file])
  await settle()
  return { ...engine, id }
}

describe('a request that does not begin', () => {
  it('because its file is gone ends, and is begun again when the file is there again', async () => {
    const file = createTestFile('a', 5)
    const { uploader, world, id, itemIn } = await upload(file)
    file.lose()
    await world.clock.advance(5000)
    expect(itemIn(id, 'waiting')).toMatchObject(FILE_GONE)
    expect(world.waiting()).toEqual([])
    await world.clock.advance(600_000)
    expect(world.requests).toHaveLength(1)
    uploader.replaceFile(id, createTestFile('a', 5))
    await settle()
    expect(world.waiting()).toHaveLength(1)
  })

  it('because its file went while it waited for a connection ends', async () => {
    const file = createTestFile('a', 5)
    const { world, id, itemIn } = await upload(file)
    await world.clock.advance(25_000)
    itemIn(id, 'uploading')
    file.lose()
    await world.clock.advance(5000)
    expect(itemIn(id, 'waiting')).toMatchObject(FILE_GONE)
  })

  it('although its file is there has all the time that it needs', async () => {
    const { world, id, itemIn } = await upload(createTestFile('a', 5))
    await world.clock.advance(3_600_000)
    itemIn(id, 'uploading')
    expect(world.requests).toHaveLength(1)
  })
})

describe('a request that has begun', () => {
  it('is not disturbed while its bytes move, whatever becomes of the file', async () => {
    const file = createTestFile('a', 100)
    const { world, id, itemIn } = await upload(file)
    file.lose()
    for (let sent = 1; sent <= 10; sent += 1) {
      world.requests[0]?.progress(sent)
      await world.clock.advance(4000)
    }
    expect(itemIn(id, 'uploading').sentBytes).toBe(10)
  })

  it('ends although the same number is told again and again, as WebKit does while it waits for bytes that are gone', async () => {
    const file = createTestFile('a', 100)
    const { world, id, itemIn } = await upload(file)
    world.waiting()[0]?.progress(50)
    file.lose()
    for (let second = 0; second < 11; second += 1) {
      world.waiting()[0]?.progress(50)
      await world.clock.advance(1000)
    }
    expect(itemIn(id, 'waiting')).toMatchObject(FILE_GONE)
  })

  it('and does not go on because the file was cut short ends', async () => {
    const file = createTestFile('a', 100)
    const { world, id, itemIn } = await upload(file)
    world.requests[0]?.progress(50)
    file.lose()
    await world.clock.advance(10_000)
    expect(itemIn(id, 'waiting')).toMatchObject(FILE_GONE)
  })

  it('leaves no timer behind when it has ended', async () => {
    const clock = createManualClock()
    const request = { method: 'PUT', url: 'http://s.test/', signal: new AbortController().signal }
    const answer = { status: 200, text: '', header: () => undefined }
    expect(await sendFile(createTestFile('a', 5), request, { clock, http: { send: () => Promise.resolve(answer) } })).toBe(answer)
    expect(clock.pending).toBe(0)
  })
})

it('a request that stands still because its file was deleted is not repeated', async () => {
  const file = createTestFile('a', 5)
  file.lose()
  const stalled = new UploadError('stalled', 'The upload stood still for too long.')
  const { id, itemIn } = await upload(file, { environment: { http: { send: () => Promise.reject(stalled) } } })
  expect(itemIn(id, 'waiting')).toMatchObject(FILE_GONE)
})

it('a folder that poses as an empty file is not sent', async () => {
  const folder = createTestFile('a', 0)
  folder.lose()
  const { world, id, itemIn } = await upload(folder)
  expect(itemIn(id, 'waiting')).toMatchObject(FILE_GONE)
  expect(world.requests).toEqual([])
})

describe('a file can be read', () => {
  it('when its last byte can, or it has none', async () => {
    expect(await isReadable(new File(['abc'], 'a'))).toBe(true)
    expect(await isReadable(new File([], 'a'))).toBe(true)
  })

  it('not when it was cut short: Firefox answers with nothing where there was a byte', async () => {
    const file = Object.defineProperty(new File(['abc'], 'a'), 'slice', { value: () => new Blob() })
    expect(await isReadable(file)).toBe(false)
  })

  it('not when a browser makes up zeros for what it lost, as WebKit does', async () => {
    const cut = Object.defineProperties(new Blob(), {
      arrayBuffer: { value: async () => new ArrayBuffer(1) },
      stream: { value: () => new Blob().stream() },
    })
    const file = Object.defineProperty(new File(['abc'], 'a'), 'slice', { value: () => cut })
    expect(await isReadable(file)).toBe(false)
  })
})
