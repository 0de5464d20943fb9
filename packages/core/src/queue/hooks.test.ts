import { describe, expect, it } from 'vitest'
import { settle } from '../testing/manual-clock.js'
import { startEngine } from '../testing/engine.js'
import { createTestFile } from '../testing/test-file.js'
import type { HookContext, PrepareHook, Validator } from './hooks.js'

/** A hook whose calls a test answers by hand. */
function byHand<T>() {
  const calls: { readonly file: File; readonly context: HookContext; answer(value: T): void; fail(error: Error): void }[] = []
  const hook = (file: File, context: HookContext) =>
    new Promise<T>((answer, fail) => {
      calls.push({ file, context, answer, fail })
    })
  return { hook, calls }
}

describe('a validator', () => {
  it('keeps a file on the page, and from the server, until it has passed', async () => {
    const { hook, calls } = byHand<string | null>()
    const engine = startEngine({ restrictions: { validate: hook } })
    const [id = ''] = await engine.add([4])
    expect(engine.item(id).phase).toBe('queued')
    expect(engine.calls('createUploads')).toEqual([])
    calls[0]?.answer(null)
    await settle()
    expect(engine.item(id).phase).toBe('uploading')
  })

  it('that refuses a file leaves its row, with the sentence; others go on', async () => {
    const engine = startEngine({ restrictions: { validate: (file) => (file.size > 3 ? 'Only short poems, please.' : null) } })
    const [long = '', short = ''] = await engine.add([4, 3])
    expect(engine.itemIn(long, 'failed')).toMatchObject({ by: 'self', error: { code: 'validation', message: 'Only short poems, please.' } })
    expect(engine.item(short).phase).toBe('uploading')
    expect(engine.calls('createUploads')).toEqual(['createUploads 1'])
  })

  it('is asked again on retry', async () => {
    let isStrict = true
    const engine = startEngine({ restrictions: { validate: () => (isStrict ? 'No.' : undefined) } })
    const [id = ''] = await engine.add([4])
    expect(engine.item(id).phase).toBe('failed')
    isStrict = false
    engine.uploader.retry(id)
    await settle()
    expect(engine.item(id).phase).toBe('uploading')
  })

  it('of several is asked only where those before it have passed', async () => {
    const asked: string[] = []
    const says =
      (name: string, answer: string | null): Validator =>
      () => (asked.push(name), answer)
    const engine = startEngine({ restrictions: { validate: [says('first', null), says('second', 'No.'), says('third', null)] } })
    await engine.add([4])
    expect(asked).toEqual(['first', 'second'])
    expect(engine.phases()).toEqual(['failed'])
  })

  it('that throws does not let the file pass, nor shows its own words to people', async () => {
    const validate = () => {
      throw new TypeError('Cannot read properties of undefined')
    }
    const engine = startEngine({ restrictions: { validate } })
    const [id = ''] = await engine.add([4])
    expect(engine.itemIn(id, 'failed').error).toMatchObject({
      code: 'validation',
      message: 'The file could not be checked.',
      cause: expect.any(TypeError),
    })
  })

  it('that never answers has failed after 15 s, and makes room for others', async () => {
    const { hook, calls } = byHand<string | null>()
    const engine = startEngine({ restrictions: { validate: hook } })
    const ids = await engine.add(Array.from({ length: 12 }, () => 4))
    expect(calls.length).toBe(10)
    await engine.world.clock.advance(15_000)
    expect(engine.itemIn(ids[0] ?? '', 'failed').error).toMatchObject({
      code: 'validation',
      message: 'The file could not be checked in time.',
    })
    expect(calls[0]?.context.signal.aborted).toBe(true)
    expect(calls.length).toBe(12)
    calls[11]?.answer(null)
    await settle()
    expect(engine.item(ids[11] ?? '').phase).toBe('uploading')
  })

  it('looks at files before anything is started, and at those of a higher priority first', async () => {
    const { hook, calls } = byHand<string | null>()
    const engine = startEngine({ restrictions: { validate: hook }, autoStart: false })
    await engine.add(Array.from({ length: 11 }, () => 4))
    const [urgent] = await engine.add([9], { priority: 5 })
    expect(calls.length).toBe(10)
    calls[0]?.answer(null)
    await settle()
    expect(calls[10]?.context.item.id).toBe(urgent)
    expect(engine.calls('createUploads')).toEqual([])
  })

  it.each(['cancel', 'remove'] as const)('hears that nobody waits for it any more: %s', async (end) => {
    const { hook, calls } = byHand<string | null>()
    const engine = startEngine({ restrictions: { validate: hook } })
    const [id = ''] = await engine.add([4])
    engine.uploader[end](id)
    await settle()
    expect(calls[0]?.context.signal.aborted).toBe(true)
    calls[0]?.answer(null)
    await settle()
    expect(engine.calls('createUploads')).toEqual([])
    expect(engine.world.clock.pending).toBe(0)
  })
})

describe('the prepare hook', () => {
  const compress: PrepareHook = (file) => new File([file.slice(0, 2)], 'small.webp', { type: 'image/webp' })

  it('decides what is uploaded, under which name', async () => {
    const engine = startEngine({ prepare: compress })
    const [id = ''] = engine.uploader.add([{ file: createTestFile('big.png', 6), relativePath: 'album/big.png' }])
    await settle()
    expect(engine.item(id)).toMatchObject({ phase: 'uploading', name: 'small.webp', size: 2, relativePath: 'album/small.webp' })
    expect(engine.server.word(engine.operation(id)).file).toMatchObject({ name: 'small.webp', size: 2, type: 'image/webp' })
    expect(engine.waiting(id)[0]?.body.size).toBe(2)
    expect(engine.uploader.file(id)?.name).toBe('small.webp')
    expect(engine.uploader.$summary.get().totalBytes).toBe(2)
  })

  it('is not asked again for what it made: not after a pause, not on retry', async () => {
    let calls = 0
    const engine = startEngine({ prepare: (file) => ((calls += 1), file), retry: { attempts: 1 } })
    const [id = ''] = await engine.add([4])
    engine.uploader.pause(id)
    engine.uploader.resume(id)
    await settle()
    engine.waiting(id)[0]?.respond(500)
    await settle()
    expect(engine.item(id).phase).toBe('failed')
    engine.uploader.retry(id)
    await settle()
    expect(engine.item(id).phase).toBe('uploading')
    expect(calls).toBe(1)
  })

  it('works on two files at once while others upload', async () => {
    const { hook, calls } = byHand<File>()
    const engine = startEngine({ prepare: hook })
    await engine.add([4, 4, 4])
    expect(engine.phases()).toEqual(['preparing', 'preparing', 'queued'])
    calls[1]?.answer(createTestFile('b', 1))
    await settle()
    expect(engine.phases()).toEqual(['preparing', 'uploading', 'preparing'])
  })

  it.each([
    ['throws', () => Promise.reject(new Error('wasm trap'))],
    ['returns something else', (() => Promise.resolve('file')) as unknown as PrepareHook],
  ])('that %s fails the item, with a sentence and a way to try again', async (_what, prepare) => {
    let isBroken = true
    const engine = startEngine({ prepare: (file, context) => (isBroken ? prepare(file, context) : file) })
    const [id = ''] = await engine.add([4])
    expect(engine.itemIn(id, 'failed')).toMatchObject({
      by: 'self',
      error: { code: 'prepare_failed', message: 'The file could not be made ready for the upload.' },
    })
    isBroken = false
    engine.uploader.retry(id)
    await settle()
    expect(engine.item(id).phase).toBe('uploading')
  })

  it('is stopped by a cancel, and lets the next one in', async () => {
    const { hook, calls } = byHand<File>()
    const engine = startEngine({ prepare: hook })
    const [first = '', , third = ''] = await engine.add([4, 4, 4])
    engine.uploader.cancel(first)
    await settle()
    expect(calls[0]?.context.signal.aborted).toBe(true)
    expect(engine.item(third).phase).toBe('preparing')
    calls[0]?.answer(createTestFile('late', 1))
    await settle()
    expect(engine.item(first)).toMatchObject({ phase: 'cancelled', name: 'file-1' })
  })

  it('that takes an hour is waited for, and its item can be paused meanwhile', async () => {
    const { hook, calls } = byHand<File>()
    const engine = startEngine({ prepare: hook })
    const [id = ''] = await engine.add([4])
    engine.uploader.pause(id)
    await engine.world.clock.advance(3_600_000)
    calls[0]?.answer(createTestFile('film', 2))
    await settle()
    expect(engine.item(id)).toMatchObject({ paused: true, name: 'film' })
    expect(engine.waiting(id)).toEqual([])
    engine.uploader.resume(id)
    await settle()
    expect(engine.item(id).phase).toBe('uploading')
  })

  it('gets the new file when the first one is replaced', async () => {
    const seen: string[] = []
    const engine = startEngine({ prepare: (file) => (seen.push(file.name), Promise.reject(new Error('No.'))) })
    const [id = ''] = await engine.add([4])
    engine.uploader.replaceFile(id, createTestFile('other', 3))
    await settle()
    expect(seen).toEqual(['file-1', 'other'])
  })

  it('leaves nothing behind when the uploader is disposed', async () => {
    const { hook, calls } = byHand<File>()
    const engine = startEngine({ prepare: hook, restrictions: { validate: () => null } })
    await engine.add([4])
    await engine.uploader.dispose()
    await settle()
    expect(calls[0]?.context.signal.aborted).toBe(true)
    expect(engine.world.clock.pending).toBe(0)
    expect(engine.world.errors).toEqual([])
  })
})
