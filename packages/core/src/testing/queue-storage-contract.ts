import type { QueueStorage, StoredUpload } from '../persistence/queue-storage.js'

/** What a test runner gives: vitest's and mocha's own will do. */
interface Runner {
  describe(name: string, tests: () => void): void
  it(name: string, test: () => Promise<void>): void
}

/** What every place where a queue is kept has to do. `open` answers the storage of one page; all of one `place` share what is stored. */
export function queueStorageContract(name: string, { describe, it }: Runner, open: (place: string) => QueueStorage): void {
  let places = 0

  async function withPages(test: (a: QueueStorage, b: QueueStorage) => Promise<void>): Promise<void> {
    const place = `contract-${Date.now()}-${(places += 1)}`
    const a = open(place)
    const b = open(place)
    await test(a, b)
    a.close()
    b.close()
  }

  describe(`a queue kept in ${name}`, () => {
    it('comes back as it was written', () =>
      withPages(async (a, b) => {
        const upload = stored('one', { checkpoint: { uploadId: 'u', parts: [1, 2] }, transfer: { parts: [{ part_number: 1, etag: 'x' }] } })
        await write(a, 'ann', { created: [upload] })
        equal(await b.list(), [upload])
      }))

    it('is changed and emptied by its owner', () =>
      withPages(async (a, b) => {
        await write(a, 'ann', { created: [stored('one'), stored('two')] })
        equal(await write(a, 'ann', { changed: [stored('one', { order: 7 })], removed: ['two'] }), [])
        equal(await b.list(), [stored('one', { order: 7 })])
      }))

    it('is not touched by anybody else, who is told so', () =>
      withPages(async (a, b) => {
        await write(a, 'ann', { created: [stored('one'), stored('two'), stored('three')] })
        const refused = await write(b, 'bob', {
          created: [stored('one', { owner: 'bob' })],
          changed: [stored('two', { owner: 'bob' })],
          removed: ['three'],
        })
        equal([...refused].sort(), ['one', 'three', 'two'])
        equal(sorted(await a.list()), ['one ann 0', 'three ann 0', 'two ann 0'])
      }))

    it('does not get back what was removed from it by a write that comes late', () =>
      withPages(async (a) => {
        await write(a, 'ann', { created: [stored('one')] })
        await write(a, 'ann', { removed: ['one'] })
        equal(await write(a, 'ann', { changed: [stored('one')] }), [])
        equal(await a.list(), [])
      }))

    it('is taken over once, however many survivors there are, and no late word of its old owner counts', () =>
      withPages(async (a, b) => {
        await write(a, 'ann', { created: [stored('one'), stored('two')] })
        const [bob, cleo] = await Promise.all([a.takeOver('ann', 'bob', 0), b.takeOver('ann', 'cleo', 0)])
        equal([bob.length, cleo.length].sort(), [0, 2])
        const winner = bob.length > 0 ? 'bob' : 'cleo'
        equal(sorted(await a.list()), [`one ${winner} 1`, `two ${winner} 1`])
        equal([...(await write(a, 'ann', { changed: [stored('one')], removed: ['two'] }))].sort(), ['one', 'two'])
        equal(sorted(await a.list()), [`one ${winner} 1`, `two ${winner} 1`])
      }))

    it('gives away only what is its dead owner’s, and throws away what is too old', () =>
      withPages(async (a) => {
        await write(a, 'ann', { created: [stored('old', { savedAt: 99 }), stored('new', { savedAt: 100 })] })
        await write(a, 'dora', { created: [stored('hers', { owner: 'dora', savedAt: 1 })] })
        await a.putFile('ann', 'old', new File(['old'], 'old'))
        equal(
          (await a.takeOver('ann', 'bob', 100)).map(({ id }) => id),
          ['new'],
        )
        equal(sorted(await a.list()), ['hers dora 0', 'new bob 1'])
        equal((await a.files(['old'])).size, 0)
      }))

    it('writes all or nothing', () =>
      withPages(async (a) => {
        const bad = stored('bad', { checkpoint: () => {} })
        const outcome = await write(a, 'ann', { created: [stored('good'), bad] }).then(
          () => 'written',
          (error: unknown) => (error instanceof DOMException ? error.name : 'error'),
        )
        equal(outcome, 'DataCloneError')
        equal(await a.list(), [])
      }))

    it('keeps the bytes of a file for as long as its upload, and for its owner alone', () =>
      withPages(async (a, b) => {
        await write(a, 'ann', { created: [stored('one'), stored('two')] })
        await a.putFile('ann', 'one', new File(['content'], 'name.txt', { type: 'text/plain' }))
        await b.putFile('bob', 'two', new File(['forged'], 'name.txt'))
        await a.putFile('ann', 'unknown', new File(['x'], 'x'))
        const files = await b.files(['one', 'two', 'unknown'])
        equal([...files.keys()], ['one'])
        const file = files.get('one')
        equal(file instanceof File ? [file.name, file.type, await file.text()] : file, ['name.txt', 'text/plain', 'content'])
        await write(a, 'ann', { removed: ['one'] })
        equal((await b.files(['one'])).size, 0)
      }))

    it('lets go of bytes alone', () =>
      withPages(async (a) => {
        await write(a, 'ann', { created: [stored('one')] })
        await a.putFile('ann', 'one', new File(['content'], 'name.txt'))
        await a.dropFiles(['one', 'unknown'])
        equal((await a.files(['one'])).size, 0)
        equal((await a.list()).length, 1)
      }))

    it('remembers whether it is held, let go, or neither', () =>
      withPages(async (a, b) => {
        equal(await b.isHeld(), undefined)
        await a.setHeld(true)
        equal(await b.isHeld(), true)
        await a.setHeld(false)
        equal(await b.isHeld(), false)
        await a.setHeld(undefined)
        equal(await b.isHeld(), undefined)
      }))

    it('is there again after it was closed', () =>
      withPages(async (a) => {
        await write(a, 'ann', { created: [stored('one')] })
        a.close()
        equal((await a.list()).length, 1)
      }))
  })
}

function write(storage: QueueStorage, owner: string, changes: Partial<Parameters<QueueStorage['write']>[1]>): Promise<readonly string[]> {
  return storage.write(owner, { created: [], changed: [], removed: [], ...changes })
}

function stored(id: string, change: Partial<StoredUpload> = {}): StoredUpload {
  return {
    id,
    owner: 'ann',
    epoch: 0,
    jobId: 'job',
    savedAt: 1000,
    order: 1,
    item: {
      ...{ id, name: `${id}.txt`, size: 4, type: '', addedAt: 0, priority: 0, metadata: {}, attempt: 1, paused: false },
      phase: 'queued',
    },
    checkpoint: undefined,
    transfer: undefined,
    isPrepared: false,
    fingerprint: undefined,
    ...change,
  }
}

function sorted(uploads: readonly StoredUpload[]): readonly string[] {
  return uploads.map(({ id, owner, epoch }) => `${id} ${owner} ${epoch}`).sort()
}

function equal(actual: unknown, expected: unknown): void {
  const [a, b] = [actual, expected].map((value) => JSON.stringify(value))
  if (a !== b) throw new Error(`Expected ${b}, not ${a}.`)
}
