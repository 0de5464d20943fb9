import { beforeAll, describe, expect, test } from 'vitest'
import { type Engine, startEngine } from './testing/engine.js'
import { settle } from './testing/manual-clock.js'
import { createTestFile } from './testing/test-file.js'

const LOOK_UPS = ['get', 'set', 'add', 'has', 'delete']
const WALKS = ['forEach', 'keys', 'values', 'entries', Symbol.iterator]
const IN_ARRAYS = 'concat every filter find findIndex flat flatMap includes indexOf join map reduce reverse slice some sort splice'.split(
  ' ',
)

/** Steps that an action takes through arrays, maps and sets: one for each look-up, and one for each element that a walk may visit. */
async function stepsOf(action: () => unknown): Promise<number> {
  let steps = 0
  const originals: (() => void)[] = []
  function count<T extends object>(prototype: T, names: readonly PropertyKey[], stepsOn: (target: T) => number): void {
    for (const name of names) {
      const original: unknown = Reflect.get(prototype, name)
      if (typeof original !== 'function') continue
      const counted = function (this: T, ...args: unknown[]): unknown {
        steps += stepsOn(this)
        return Reflect.apply(original, this, args)
      }
      Reflect.set(prototype, name, counted)
      originals.push(() => void Reflect.set(prototype, name, original))
    }
  }
  count(Map.prototype, LOOK_UPS, () => 1)
  count(Map.prototype, WALKS, ({ size }) => size)
  count(Set.prototype, LOOK_UPS, () => 1)
  count(Set.prototype, WALKS, ({ size }) => size)
  count(Array.prototype, [...IN_ARRAYS, ...WALKS], ({ length }) => length)
  try {
    await action()
  } finally {
    for (const restore of originals) restore()
  }
  return steps
}

/** An uploader with this many files, of which twenty are in view. */
async function busy(count: number): Promise<Busy> {
  const engine = startEngine({ requestSlots: 4 })
  const { uploader, world } = engine
  for (const view of [uploader.$ids, uploader.$summary, uploader.$connection]) view.listen(() => {})
  for (const event of ['progressed', 'completed', 'batch-completed'] as const) uploader.on(event, () => {})
  const ids = await engine.add(Array.from({ length: count }, () => 5))
  for (const id of ids.slice(0, 20)) uploader.$item(id).listen(() => {})
  world.paint()
  await settle()
  return { ...engine, id: (index) => ids[index] as string }
}
interface Busy extends Engine {
  id(index: number): string
}

/** What happens to one file, in the order in which it is tried. */
const EVENTS: Readonly<Record<string, (engine: Busy) => unknown>> = {
  'bytes of it went out': ({ waiting, id }) => waiting(id(0))[0]?.progress(2),
  'all its bytes are at the storage, and the next file begins': ({ waiting, id }) => waiting(id(0))[0]?.respond(200),
  'the server tells how far its work is': ({ server, operation, id }) =>
    server.say(operation(id(0)), { status: 'in_progress', progress: 20 }),
  'the server confirms it': ({ server, operation, id }) => server.say(operation(id(0)), { status: 'completed', progress: 100 }),
  'the server takes that back': ({ server, operation, id }) => server.say(operation(id(0)), { status: 'failed', progress: 0 }),
  'its storage fails': ({ waiting, id }) => waiting(id(1))[0]?.respond(500),
  'it is retried': ({ uploader, id }) => uploader.retry(id(1)),
  'it is paused': ({ uploader, id }) => uploader.pause(id(2)),
  'it is resumed': ({ uploader, id }) => uploader.resume(id(2)),
  'its priority changes': ({ uploader, id }) => uploader.setPriority(id(20), 5),
  'it is cancelled': ({ uploader, id }) => uploader.cancel(id(2)),
}

/** Steps for each event, by its name. */
async function stepsOfEvents(count: number): Promise<Readonly<Record<string, number>>> {
  const engine = await busy(count)
  const steps: Record<string, number> = {}
  for (const [name, happen] of Object.entries(EVENTS)) {
    steps[name] = await stepsOf(async () => {
      happen(engine)
      await settle()
      engine.world.paint()
    })
  }
  await engine.uploader.dispose()
  return steps
}

describe('among ten thousand files it is no more work than among three hundred when', () => {
  let few: Readonly<Record<string, number>>
  let many: Readonly<Record<string, number>>
  beforeAll(async () => {
    few = await stepsOfEvents(300)
    many = await stepsOfEvents(10_000)
  })

  test.each(Object.keys(EVENTS))('%s', (name) => {
    expect(few[name]).toBeGreaterThan(10)
    expect(many[name]).toBeLessThan(few[name]! * 1.3)
  })
})

describe('ten thousand files that are added in one call', () => {
  const files = (count: number) => Array.from({ length: count }, (_, index) => createTestFile(`${index}`, 5))

  test('are told once, and all of them', () => {
    const { uploader } = startEngine()
    const told: unknown[] = []
    uploader.$ids.listen((ids) => told.push(['ids', ids.length]))
    uploader.$summary.listen(({ total }) => told.push(['summary', total]))
    uploader.on('added', (items) => told.push(['added', items.length]))
    uploader.add(files(10_000))
    expect(told).toEqual([
      ['summary', 10_000],
      ['ids', 10_000],
      ['added', 10_000],
    ])
  })

  test('are each as little work as in a call with a hundred, and as with ten thousand there before', async () => {
    const { uploader } = startEngine({ autoStart: false })
    const stepsEach = async (count: number) => {
      const added = files(count)
      return (await stepsOf(() => uploader.add(added))) / count
    }
    const amongNone = await stepsEach(100)
    const first = await stepsEach(10_000)
    const second = await stepsEach(10_000)
    expect(first).toBeLessThan(amongNone * 1.3)
    expect(second).toBeLessThan(amongNone * 1.3)
    // 17: with a commit, a place in line, a batch and an entry made for each file it was 26.
    expect(first).toBeLessThan(20)
  })

  test('are planned as they are needed, not all ahead', async () => {
    const { uploader, calls, phases } = startEngine()
    uploader.add(files(10_000))
    await settle()
    expect(calls('createUploads').length).toBeLessThanOrEqual(4)
    expect(phases().filter((phase) => phase === 'queued').length).toBeGreaterThan(9500)
  })
})
