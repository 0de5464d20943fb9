import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Logger } from '../logger.js'
import type { StatusPublisher } from '../publishers/publisher.js'
import { memory } from '../records/memory.js'
import type { OperationRecord, OperationRecords } from '../records/operation-records.js'
import { sqlite } from '../records/sqlite.js'
import { temporaryDirectory } from '../testing/harness.js'
import { type ManualClock, manualClock } from '../testing/manual-clock.js'
import { newOperation } from '../testing/operation-records-contract.js'
import { createFeed, type Feed } from './feed.js'
import { amend, createOperations, type Operations } from './operations.js'
import { createTail, type Tail } from './tail.js'

/** A channel in the hands of a test. */
interface Channel extends StatusPublisher {
  /** `id@version` of what it was given, call by call. */
  readonly calls: string[][]
  /** What each further call comes to. */
  answer: () => void | Promise<void>
  isClosed: boolean
}

function channel(reach: StatusPublisher['reach'] = 'node', name = 'channel'): Channel {
  const made: Channel = {
    name,
    reach,
    calls: [],
    answer: () => {},
    isClosed: false,
    publish(records) {
      made.calls.push(records.map(label))
      return made.answer()
    },
    close() {
      made.isClosed = true
    },
  }
  return made
}

const label = ({ word }: OperationRecord) => `${word.operation_id}@${word.version}`

/** One process: its own handle on the records, with what follows them. */
interface Process {
  readonly records: OperationRecords
  readonly operations: Operations
  readonly tail: Tail
  feed(publisher: StatusPublisher): Promise<Feed>
  /** Ends without a word. */
  kill(): void
}

let clock: ManualClock
let logged: string[]
let directory: Awaited<ReturnType<typeof temporaryDirectory>>
let opened: Process[]

beforeEach(async () => {
  clock = manualClock()
  logged = []
  opened = []
  directory = await temporaryDirectory()
})
afterEach(async () => {
  for (const { tail, records } of opened) {
    tail.close()
    await records.close()
  }
  await directory.remove()
})

const note = (message: string) => void logged.push(message)
const logger: Logger = { debug() {}, info() {}, warn: note, error: note }

async function start(records: OperationRecords, holder = `process-${opened.length}`): Promise<Process> {
  let isDead = false
  const mortal: ManualClock = {
    ...clock,
    setTimeout: (callback, ms) => clock.setTimeout(() => (isDead ? undefined : callback()), ms),
  }
  await records.open({ clock: mortal, logger })
  const tail = createTail({ records, clock: mortal, random: () => 1, logger })
  await tail.open()
  const process: Process = {
    records,
    operations: createOperations({ records, tail, clock }),
    tail,
    async feed(publisher) {
      const feed = createFeed({ publisher, records, tail, holder, clock: mortal, random: () => 1, logger })
      await feed.open()
      return feed
    },
    kill() {
      isDead = true
      tail.close()
    },
  }
  opened.push(process)
  return process
}

const shared = () => sqlite({ path: join(directory.path, 'records.db') })
const insert = ({ operations }: Process, ...ids: string[]) => operations.insert(ids.map((id) => newOperation(id)))
const say = ({ operations }: Process, id: string, progress: number) => operations.change(id, (record) => amend(record, { progress }))
/** Reads and writes that are under way come to their end. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await setImmediate()
}
async function pass(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 100) {
    clock.advance(Math.min(100, ms - passed))
    await settle()
  }
}
const idsOf = (calls: readonly (readonly string[])[]) => calls.flat().map((text) => text.split('@')[0])

describe.each([
  ['in memory', () => memory()],
  ['in SQLite', shared],
])('a publisher that is fed from records %s', (_, records) => {
  test('is told with the call that says it, and not of what was before', async () => {
    const process = await start(records())
    await insert(process, 'old')
    const heard = channel()
    const feed = await process.feed(heard)
    await insert(process, 'a', 'b')
    await say(process, 'a', 50)
    expect(idsOf(heard.calls)).toEqual(['a', 'b', 'a'])
    expect(feed.state()).toMatchObject({ state: 'live', lagMs: 0, position: await process.records.latestVersion() })
  })

  test('reads nothing while it keeps up', async () => {
    const process = await start(records())
    const heard = channel()
    await process.feed(heard)
    const reads = countReads(process)
    await insert(process, 'a')
    for (let progress = 1; progress <= 20; progress += 1) await say(process, 'a', progress)
    expect([heard.calls.length, reads()]).toEqual([21, 0])
  })

  test('never delays or fails a command, and is told again what it did not take, in its newest state', async () => {
    const process = await start(records())
    const heard = channel()
    const feed = await process.feed(heard)
    heard.answer = () => Promise.reject(new Error('no broker'))
    await insert(process, 'a', 'b')
    await say(process, 'a', 10)
    await say(process, 'a', 20)
    await settle()
    expect(heard.calls).toHaveLength(1)
    expect(feed.state()).toMatchObject({ state: 'failing', lastError: 'no broker' })
    await pass(500)
    expect(idsOf(heard.calls.slice(1))).toEqual(['b', 'a'])
    heard.answer = () => {}
    await pass(999)
    expect(heard.calls).toHaveLength(2)
    await pass(1)
    expect(heard.calls[2]).toEqual([`b@${await versionOf(process, 'b')}`, `a@${await versionOf(process, 'a')}`])
    expect(feed.state()).toMatchObject({ state: 'live', lagMs: 0 })
    expect(feed.state()).not.toHaveProperty('lastError')
    expect(logged).toEqual([
      'The publisher "channel" failed. What it did not take is told again.',
      'The publisher "channel" takes changes again.',
    ])
  })

  test('that throws is treated like one that rejects', async () => {
    const process = await start(records())
    const heard = channel()
    const feed = await process.feed(heard)
    heard.answer = () => {
      throw new Error('broken')
    }
    await insert(process, 'a')
    expect(feed.state()).toMatchObject({ state: 'failing', lastError: 'broken' })
    heard.answer = () => {}
    await pass(500)
    expect(idsOf(heard.calls)).toEqual(['a', 'a'])
  })

  test('that gives no answer is given up after a while, and asked again', async () => {
    const process = await start(records())
    const heard = channel()
    const feed = await process.feed(heard)
    heard.answer = () => new Promise(() => {})
    await insert(process, 'a')
    await insert(process, 'b')
    await pass(29_900)
    expect([heard.calls.length, feed.state().state, feed.state().lagMs]).toEqual([1, 'behind', 29_900])
    heard.answer = () => {}
    await pass(100 + 500)
    expect(idsOf(heard.calls)).toEqual(['a', 'a', 'b'])
    expect(feed.state().state).toBe('live')
  })

  test('is never called again before it has answered', async () => {
    const process = await start(records())
    const heard = channel()
    await process.feed(heard)
    const answer = Promise.withResolvers<void>()
    heard.answer = () => answer.promise
    await insert(process, 'a')
    await insert(process, 'b', 'c')
    await say(process, 'b', 1)
    await settle()
    expect(heard.calls).toHaveLength(1)
    answer.resolve()
    await settle()
    expect(idsOf(heard.calls)).toEqual(['a', 'c', 'b'])
    expect(heard.calls).toHaveLength(2)
  })

  test('that is far behind is told the rest in pages from the records, with bounded memory', async () => {
    const process = await start(records())
    const heard = channel()
    await process.feed(heard)
    const answer = Promise.withResolvers<void>()
    heard.answer = () => answer.promise
    await insert(process, 'first')
    const reads = countReads(process)
    for (let call = 0; call < 15; call += 1) await insert(process, ...Array.from({ length: 100 }, (_, index) => `${call}-${index}`))
    answer.resolve()
    await settle()
    expect(heard.calls.map((call) => call.length)).toEqual([1, 200, 200, 200, 200, 200, 200, 200, 100])
    expect(new Set(idsOf(heard.calls)).size).toBe(1501)
    expect(reads()).toBe(8)
    await insert(process, 'last')
    expect(heard.calls.at(-1)).toHaveLength(1)
  })

  test('that is a little behind is told all that waits, a page a call, without a look at the records', async () => {
    const process = await start(records())
    const heard = channel()
    const feed = await process.feed(heard)
    const answer = Promise.withResolvers<void>()
    heard.answer = () => answer.promise
    await insert(process, 'first')
    const reads = countReads(process)
    await insert(process, ...Array.from({ length: 450 }, (_, index) => `${index}`))
    answer.resolve()
    await settle()
    expect(heard.calls.map((call) => call.length)).toEqual([1, 200, 200, 50])
    expect([feed.state().state, reads()]).toEqual(['live', 0])
  })

  test('hears of what is said while the records are being read', async () => {
    const process = await start(records())
    const heard = channel()
    const feed = await process.feed(heard)
    heard.answer = () => Promise.reject(new Error('once'))
    await insert(process, 'a')
    await settle()
    heard.answer = () => {}
    const { everyChange } = process.records
    const held = Promise.withResolvers<void>()
    process.records.everyChange = async (page) => {
      const answer = await everyChange(page)
      await held.promise
      return answer
    }
    await pass(500)
    await insert(process, 'b')
    await say(process, 'a', 5)
    held.resolve()
    await settle()
    expect(idsOf(heard.calls)).toEqual(['a', 'a', 'b', 'a'])
    expect(feed.state().state).toBe('live')
  })

  test('goes on where what it was to tell has been forgotten', async () => {
    const process = await start(records())
    const heard = channel()
    const feed = await process.feed(heard)
    heard.answer = () => Promise.reject(new Error('down'))
    await process.operations.insert([newOperation('a', { status: 'cancelled' })])
    await settle()
    heard.answer = () => {}
    await process.records.forget(['a'], Number.POSITIVE_INFINITY)
    await pass(500)
    expect(feed.state()).toMatchObject({ state: 'live' })
    await insert(process, 'b')
    expect(idsOf(heard.calls)).toEqual(['a', 'b'])
  })

  test('says once more what it can when it is closed, and nothing after', async () => {
    const process = await start(records())
    const heard = channel()
    const feed = await process.feed(heard)
    heard.answer = () => Promise.reject(new Error('down'))
    await insert(process, 'a')
    await settle()
    heard.answer = () => {}
    await feed.close()
    expect(idsOf(heard.calls)).toEqual(['a', 'a'])
    expect(heard.isClosed).toBe(true)
    await insert(process, 'b')
    expect(heard.calls).toHaveLength(2)
  })
})

test.each([
  ['fails', () => Promise.reject(new Error('no')), ['The publisher "channel" could not be closed.']],
  ['never ends', () => new Promise<void>(() => {}), []],
])('a publisher whose close %s keeps nobody from closing', async (_, close, warnings) => {
  const process = await start(memory())
  const feed = await process.feed({ ...channel(), close })
  const closed = feed.close()
  await pass(6000)
  await expect(closed).resolves.toBeUndefined()
  expect(logged).toEqual(warnings)
})

async function versionOf({ records }: Process, id: string): Promise<number | undefined> {
  return (await records.get(id))?.word.version
}

function countReads({ records }: Process): () => number {
  const { everyChange } = records
  let reads = 0
  records.everyChange = (page) => {
    reads += 1
    return everyChange(page)
  }
  return () => reads
}

describe('processes that share an SQLite file', () => {
  test('hear of each other’s changes, each in the order of versions', async () => {
    const [a, b] = [await start(shared()), await start(shared())]
    const [atA, atB] = [channel(), channel()]
    await a.feed(atA)
    await b.feed(atB)
    await insert(a, 'one')
    await insert(b, 'two')
    await say(a, 'two', 5)
    await say(b, 'one', 5)
    await pass(200)
    for (const { calls } of [atA, atB]) {
      const versions = calls.flat().map((text) => Number(text.split('@')[1]))
      expect(versions).toEqual([...versions].sort((x, y) => x - y))
      expect(calls.flat()).toEqual(expect.arrayContaining([`two@${await versionOf(a, 'two')}`, `one@${await versionOf(a, 'one')}`]))
    }
  })

  test('tell what another one committed before what they commit after it', async () => {
    const [a, b] = [await start(shared()), await start(shared())]
    const heard = channel()
    await a.feed(heard)
    await insert(b, 'theirs')
    await insert(a, 'ours')
    await settle()
    expect(idsOf(heard.calls)).toEqual(['theirs', 'ours'])
  })

  test('tell nothing twice that they have read on their way', async () => {
    const a = await start(shared())
    const deaf = await start({ ...shared(), watch: () => () => {} })
    const heard = channel()
    await deaf.feed(heard)
    heard.answer = () => Promise.reject(new Error('once'))
    await insert(deaf, 'ours')
    await insert(a, 'theirs')
    // The failure has come to its pause.
    await settle()
    heard.answer = () => {}
    await pass(500)
    await insert(deaf, 'last')
    await settle()
    expect(idsOf(heard.calls)).toEqual(['ours', 'ours', 'theirs', 'last'])
  })

  test('let one of them tell a channel that reaches everyone', async () => {
    const [a, b] = [await start(shared()), await start(shared())]
    const [atA, atB] = [channel('cluster'), channel('cluster')]
    const [first, second] = [await a.feed(atA), await b.feed(atB)]
    await insert(b, 'one')
    await insert(a, 'two')
    await pass(200)
    expect([idsOf(atA.calls), atB.calls]).toEqual([['one', 'two'], []])
    expect([first.state().state, second.state().state]).toEqual(['live', 'standby'])
  })

  test('take over from one that was killed, and tell what it had not', async () => {
    const a = await start(shared())
    const atA = channel('cluster')
    await a.feed(atA)
    await insert(a, 'told')
    atA.answer = () => Promise.reject(new Error('no network'))
    await insert(a, 'untold')
    // How far it has come is written down meanwhile, and no further.
    await pass(1500)
    a.kill()
    const b = await start(shared())
    const atB = channel('cluster')
    const feed = await b.feed(atB)
    await insert(b, 'new')
    await pass(4000)
    expect([feed.state().state, atB.calls]).toEqual(['standby', []])
    await pass(10_000)
    expect(idsOf(atB.calls)).toEqual(['untold', 'new'])
    expect(feed.state().state).toBe('live')
  })

  test('tell what is new after a database was restored from a backup', async () => {
    const a = await start(shared())
    await a.records.feeds.save('channel', 1_000_000_000)
    const atA = channel('cluster')
    await a.feed(atA)
    await insert(a, 'new')
    expect(idsOf(atA.calls)).toEqual(['new'])
  })

  test('take over from one that was killed before it could tell anything', async () => {
    const a = await start(shared())
    const atA = channel('cluster')
    await a.feed(atA)
    atA.answer = () => Promise.reject(new Error('no network'))
    await insert(a, 'untold')
    a.kill()
    const b = await start(shared())
    const atB = channel('cluster')
    await b.feed(atB)
    await pass(13_000)
    expect(idsOf(atB.calls)).toEqual(['untold'])
  })

  test('tell again, after a crash, at most what was told since the last note of it', async () => {
    const a = await start(shared())
    const atA = channel('cluster')
    await a.feed(atA)
    await insert(a, 'noted')
    await pass(1000)
    await insert(a, 'not noted')
    a.kill()
    const b = await start(shared())
    const atB = channel('cluster')
    await b.feed(atB)
    await pass(13_000)
    expect(idsOf(atB.calls)).toEqual(['not noted'])
  })

  test('go on at once after one that was closed, with nothing twice', async () => {
    const [a, b] = [await start(shared()), await start(shared())]
    const [atA, atB] = [channel('cluster'), channel('cluster')]
    const feed = await a.feed(atA)
    await b.feed(atB)
    await insert(a, 'one')
    await feed.close()
    await insert(a, 'two')
    await pass(3200)
    expect([idsOf(atA.calls), idsOf(atB.calls)]).toEqual([['one'], ['two']])
  })

  test('give a channel up where they cannot renew their lease, and take it again', async () => {
    const [a, b] = [await start(shared()), await start(shared())]
    const [atA, atB] = [channel('cluster'), channel('cluster')]
    const [first, second] = [await a.feed(atA), await b.feed(atB)]
    const { acquire } = a.records.leases
    a.records.leases.acquire = () => Promise.reject(new Error('database is locked'))
    await pass(13_000)
    expect([first.state().state, second.state().state]).toEqual(['standby', 'live'])
    await insert(a, 'one')
    await pass(200)
    expect([atA.calls, idsOf(atB.calls)]).toEqual([[], ['one']])
    a.records.leases.acquire = acquire
    await second.close()
    await insert(b, 'two')
    await pass(3200)
    expect([idsOf(atA.calls), first.state().state]).toEqual([['two'], 'live'])
  })

  test('tell nothing after their end, though a lease came in at the last moment', async () => {
    const a = await start(shared())
    const { acquire } = a.records.leases
    const held = Promise.withResolvers<void>()
    a.records.leases.acquire = async (...call) => {
      await held.promise
      return acquire(...call)
    }
    const heard = channel('cluster')
    const feed = createFeed({ publisher: heard, records: a.records, tail: a.tail, holder: 'a', clock, random: () => 1, logger })
    const opening = feed.open()
    await feed.close()
    held.resolve()
    await opening
    await insert(a, 'one')
    await pass(4000)
    expect([heard.calls, feed.state().state]).toEqual([[], 'standby'])
    expect(await acquire('publisher:channel', 'another', 1000)).toBe(true)
  })

  test('are not stopped by records that cannot be read for a while', async () => {
    const [a, b] = [await start(shared()), await start(shared())]
    const heard = channel()
    await a.feed(heard)
    const { everyChange } = a.records
    a.records.everyChange = () => Promise.reject(new Error('disk'))
    await insert(b, 'one')
    await pass(250)
    await insert(a, 'two')
    expect(heard.calls).toEqual([])
    a.records.everyChange = everyChange
    await pass(1000)
    expect(idsOf(heard.calls)).toEqual(['one', 'two'])
    expect(logged[0]).toContain('could not be read')
  })
})

describe('whatever happens in between', () => {
  /** Repeatable chance. */
  function chance(seed: number): () => number {
    let state = seed
    return () => {
      state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32
      return state / 2 ** 32
    }
  }

  test.each(Array.from({ length: 20 }, (_, seed) => seed))(
    'everyone has the newest word of everything in the end, in order (%d)',
    async (seed) => {
      const random = chance(seed)
      const pick = <T>(things: readonly T[]): T => things[Math.floor(random() * things.length)]!
      let isWell = false
      /** What a channel has taken, in its order. */
      const takes = (taken: number[]) => {
        const made = channel()
        return {
          ...made,
          async publish(records: readonly OperationRecord[]) {
            const mood = isWell ? 1 : random()
            if (mood < 0.2) throw new Error('no')
            if (mood < 0.4) await new Promise<void>((resolve) => void clock.setTimeout(resolve, random() * 20_000))
            taken.push(...records.map(({ word }) => word.version))
          },
        }
      }
      const processes = [await start(shared()), await start(shared()), await start(shared())]
      const own: number[][] = processes.map(() => [])
      const everyone: number[][] = processes.map(() => [])
      for (const [index, process] of processes.entries()) {
        await process.feed({ ...takes(own[index]!), name: 'own' })
        await process.feed({ ...takes(everyone[index]!), name: 'everyone', reach: 'cluster' })
      }
      const ids: string[] = []
      for (let step = 0; step < 60; step += 1) {
        const process = pick(processes)
        if (ids.length < 3 || random() < 0.3) {
          ids.push(`id-${step}`)
          await insert(process, `id-${step}`)
        } else if (random() < 0.7) await say(process, pick(ids), step)
        else await pass(Math.round(random() * 3000))
        // One of them dies with all that it knows.
        if (step === 30) processes.shift()?.kill()
      }
      isWell = true
      await pass(90_000)
      const newest = (await processes[0]!.records.everyChange({ after: 0, limit: 1000 })).map(({ word }) => word.version)
      for (const taken of own.slice(1)) {
        expect(taken).toEqual(taken.toSorted((a, b) => a - b))
        expect(new Set(taken)).toEqual(new Set([...taken, ...newest]))
      }
      for (const taken of everyone) expect(taken).toEqual(taken.toSorted((a, b) => a - b))
      expect([...new Set(everyone.flat())]).toEqual(expect.arrayContaining(newest))
    },
  )
})
