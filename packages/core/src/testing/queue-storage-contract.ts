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
        equal(await list(b), [upload])
      }))

    it('is changed and emptied by its owner', () =>
      withPages(async (a, b) => {
        await write(a, 'ann', { created: [stored('one'), stored('two')] })
        equal(await write(a, 'ann', { changed: [stored('one', { order: 7 })], removed: ['two'] }), [])
        equal(await list(b), [stored('one', { order: 7 })])
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
        equal(sorted(await list(a)), ['one ann 0', 'three ann 0', 'two ann 0'])
      }))

    it('does not get back what was removed from it by a write that comes late', () =>
      withPages(async (a) => {
        await write(a, 'ann', { created: [stored('one')] })
        await write(a, 'ann', { removed: ['one'] })
        equal(await write(a, 'ann', { changed: [stored('one')] }), [])
        equal(await list(a), [])
      }))

    it('is taken over once, however many survivors there are, and no late word of its old owner counts', () =>
      withPages(async (a, b) => {
        await write(a, 'ann', { created: [stored('one'), stored('two')] })
        const [bob, cleo] = await Promise.all([a.claim('bob', 'ann', 0), b.claim('cleo', 'ann', 0)])
        const taken = [bob, cleo].map(({ uploads }, index) => uploads.filter(({ owner }) => owner === ['bob', 'cleo'][index]).length)
        equal(taken.includes(0) && taken.includes(2), true)
        const winner = taken[0] === 2 ? 'bob' : 'cleo'
        equal(sorted(await list(a)), [`one ${winner} 1`, `two ${winner} 1`])
        equal([...(await write(a, 'ann', { changed: [stored('one')], removed: ['two'] }))].sort(), ['one', 'two'])
        equal(sorted(await list(a)), [`one ${winner} 1`, `two ${winner} 1`])
      }))

    it('that has come back to an owner does not take what that one meant to write before', () =>
      withPages(async (a) => {
        await write(a, 'ann', { created: [stored('one')] })
        await a.claim('bob', 'ann', 0)
        await a.claim('ann', 'bob', 0)
        equal(await write(a, 'ann', { changed: [stored('one')] }), ['one'])
        equal(sorted(await list(a)), ['one ann 2'])
        equal(await write(a, 'ann', { changed: [stored('one', { epoch: 2, order: 9 })] }), [])
        equal(
          (await list(a)).map(({ order }) => order),
          [9],
        )
      }))

    it('gives away only what is its dead owner’s, and throws away what is too old', () =>
      withPages(async (a) => {
        await write(a, 'ann', { created: [stored('old', { savedAt: 99 }), stored('new', { savedAt: 100 })] })
        await write(a, 'dora', { created: [stored('hers', { owner: 'dora', savedAt: 1 })] })
        await a.keepFile('ann', 'old', new File(['old'], 'old'))
        equal(sorted((await a.claim('bob', 'ann', 100)).uploads), ['hers dora 0', 'new bob 1'])
        equal(sorted(await list(a)), ['hers dora 0', 'new bob 1'])
        equal([...(await a.claim('dora', undefined, 0)).files.keys()], [])
      }))

    it('writes all or nothing', () =>
      withPages(async (a) => {
        const bad = stored('bad', { checkpoint: () => {} })
        const outcome = await write(a, 'ann', { created: [stored('good'), bad] }).then(
          () => 'written',
          (error: unknown) => (error instanceof DOMException ? error.name : 'error'),
        )
        equal(outcome, 'DataCloneError')
        equal(await list(a), [])
      }))

    it('keeps the bytes of a file for as long as its upload, and for its owner alone', () =>
      withPages(async (a, b) => {
        await write(a, 'ann', { created: [stored('one'), stored('two')] })
        await a.keepFile('ann', 'one', new File(['content'], 'name.txt', { type: 'text/plain' }))
        await b.keepFile('bob', 'two', new File(['forged'], 'name.txt'))
        await a.keepFile('ann', 'unknown', new File(['x'], 'x'))
        equal((await b.claim('bob', undefined, 0)).files.size, 0)
        const { files } = await b.claim('bob', 'ann', 0)
        equal([...files.keys()], ['one'])
        const file = files.get('one')
        equal(file instanceof File ? [file.name, file.type, await file.text()] : file, ['name.txt', 'text/plain', 'content'])
        equal([...(await a.claim('bob', undefined, 0)).files.keys()], ['one'])
        await write(a, 'bob', { removed: ['one'] })
        await write(a, 'bob', { created: [stored('one', { owner: 'bob' })] })
        equal((await b.claim('bob', undefined, 0)).files.size, 0)
      }))

    it('lets go of bytes alone', () =>
      withPages(async (a) => {
        await write(a, 'ann', { created: [stored('one')] })
        await a.keepFile('ann', 'one', new File(['content'], 'name.txt'))
        await a.write('ann', { dropped: ['one', 'unknown'] })
        equal((await a.claim('ann', undefined, 0)).files.size, 0)
        equal((await list(a)).length, 1)
      }))

    it('remembers whether it is held', () =>
      withPages(async (a, b) => {
        const isHeld = async () => (await b.claim('bob', undefined, 0)).isHeld
        equal(await isHeld(), undefined)
        await a.write('ann', { isHeld: true })
        equal(await isHeld(), true)
        await write(a, 'ann', { created: [stored('one')] })
        equal(await isHeld(), true)
        await a.write('ann', { isHeld: false })
        equal(await isHeld(), false)
      }))

    it('is there again after it was closed', () =>
      withPages(async (a) => {
        await write(a, 'ann', { created: [stored('one')] })
        a.close()
        equal((await list(a)).length, 1)
      }))
  })
}

interface Changes {
  readonly created?: readonly StoredUpload[]
  readonly changed?: readonly StoredUpload[]
  readonly removed?: readonly string[]
}

function write(storage: QueueStorage, owner: string, { created = [], changed = [], removed = [] }: Changes): Promise<readonly string[]> {
  const puts = [...created.map((upload) => [upload, true] as const), ...changed.map((upload) => [upload, false] as const)]
  return storage.write(owner, { puts, removed })
}

async function list(storage: QueueStorage): Promise<readonly StoredUpload[]> {
  return (await storage.claim('nobody', undefined, 0)).uploads
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
