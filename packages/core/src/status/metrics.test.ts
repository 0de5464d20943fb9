import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isTerminal, summariseJob, SUPERSEDED, type SyncStatusUpdate } from '../protocol/index.js'
import { createManualClock } from '../testing/index.js'
import { createJobCount } from './job-count.js'
import { createMetrics } from './metrics.js'
import { createOperations, type Operations } from './operations.js'

const START = Date.UTC(2026, 0, 1)

/** Words of a few operations in any order, some more than once: an operation may end, be reopened, end otherwise, and be superseded. */
const script = fc.array(
  fc.record({
    operation: fc.nat({ max: 11 }),
    version: fc.integer({ min: 1, max: 12 }),
    status: fc.constantFrom('pending', 'in_progress', 'completed', 'failed', 'superseded', 'cancelled'),
    atSecond: fc.nat({ max: 1000 }),
    /** What passes before it comes. */
    waitMs: fc.nat({ max: 20_000 }),
  }),
  { maxLength: 150 },
)

function toWord({
  operation,
  version,
  status,
  atSecond,
}: (typeof script extends fc.Arbitrary<infer S> ? S : never)[number]): SyncStatusUpdate {
  const isSuperseded = status === 'superseded'
  return {
    operation_id: `op-${operation}`,
    operation_type: 'update',
    status: isSuperseded ? 'failed' : status,
    progress: 0,
    timestamp: new Date(START + atSecond * 1000).toISOString(),
    version,
    job_id: 'j',
    ...(isSuperseded && { error: { code: SUPERSEDED, message: '', retryable: false } }),
  }
}

interface Heard {
  readonly word: SyncStatusUpdate
  readonly atMs: number
}

const outcomeOf = ({ status, error }: SyncStatusUpdate) =>
  error?.code !== SUPERSEDED && (status === 'completed' || status === 'failed') ? status : 'none'

function byOperation(list: readonly Heard[]): ReadonlyMap<string, readonly Heard[]> {
  const groups = new Map<string, Heard[]>()
  for (const one of list) groups.set(one.word.operation_id, [...(groups.get(one.word.operation_id) ?? []), one])
  return groups
}

/** All figures anew, out of all that was heard: slow, and as their definitions say it. */
function fromScratch(heard: readonly Heard[], nowMs: number) {
  const taken = heard.filter(({ word }, index) =>
    heard
      .slice(0, index)
      .every(({ word: other }) => other.operation_id !== word.operation_id || (other.version ?? 0) < (word.version ?? 0)),
  )
  const histories = byOperation(taken)
  const latest = (list: readonly Heard[]) => [...byOperation(list).values()].map((words) => words.at(-1)!.word)
  const unfinishedAfter = taken.map((_, index) => latest(taken.slice(0, index + 1)).filter(({ status }) => !isTerminal(status)).length)

  const durations: number[] = []
  const ends: { readonly place: number; readonly failed: boolean }[] = []
  let endedLately = 0
  for (const history of histories.values()) {
    const outcomes = history.map(({ word }) => outcomeOf(word))
    history.forEach(({ word, atMs }, index) => {
      const before = history[index - 1]
      const isEnd = isTerminal(word.status) && (before === undefined || !isTerminal(before.word.status))
      if (isEnd && Math.floor(nowMs / 1000) - Math.floor(atMs / 1000) < 60) endedLately += 1
      if (before === undefined || outcomes[index] === 'none' || outcomes[index] === outcomes[index - 1]) return
      durations.push(Math.max(0, Date.parse(word.timestamp) - Date.parse(history[0]!.word.timestamp)))
    })
    const last = outcomes.at(-1)
    if (last === 'none') continue
    let since = history.length - 1
    while (since > 0 && outcomes[since - 1] === last) since -= 1
    ends.push({ place: taken.indexOf(history[since]!), failed: last === 'failed' })
  }
  const inOrder = ends.sort((a, b) => a.place - b.place).map(({ failed }) => failed)
  const rate = (window: readonly boolean[]) => (window.length === 0 ? null : window.filter(Boolean).length / window.length)
  const final = latest(taken)
  const completed = final.filter((word) => outcomeOf(word) === 'completed').length
  const failed = final.filter((word) => outcomeOf(word) === 'failed').length
  const unfinished = unfinishedAfter.at(-1) ?? 0
  return {
    totalOperations: histories.size,
    activeOperations: unfinished,
    successRate: completed + failed === 0 ? null : completed / (completed + failed),
    avgDuration: durations.length === 0 ? null : durations.reduce((sum, ms) => sum + ms, 0) / durations.length,
    peakConcurrency: Math.max(0, ...unfinishedAfter),
    errorRate: rate(inOrder.slice(-100)),
    throughput: endedLately,
    secondsLeft: endedLately === 0 ? null : (unfinished * 60) / endedLately,
    trend: null,
  }
}

describe('metrics', () => {
  test('kept by the change are what a recomputation of all words gives', () => {
    fc.assert(
      fc.property(script, (steps) => {
        const clock = createManualClock(START)
        const metrics = createMetrics(clock)
        const count = createJobCount()
        const operations: Operations = createOperations({
          keep: 1000,
          canAsk: true,
          onChange(change) {
            metrics.take(change, operations.unfinished())
            count.take(change.after.update)
          },
        })
        const heard: Heard[] = []
        for (const step of steps) {
          clock.set(clock.now() + step.waitMs)
          const word = toWord(step)
          heard.push({ word, atMs: clock.now() })
          operations.take(word, 'live', {})
        }
        expect(metrics.read(operations.unfinished())).toEqual(fromScratch(heard, clock.now()))
        const final = operations.all().filter(({ error }) => error?.code !== SUPERSEDED)
        const of = (status: string) => final.filter((word) => word.status === status).length
        const counts = {
          pending: of('pending'),
          in_progress: of('in_progress'),
          completed: of('completed'),
          failed: of('failed'),
          cancelled: of('cancelled'),
        }
        expect(count.read()).toEqual(steps.length === 0 ? undefined : summariseJob(counts))
      }),
      { numRuns: 300 },
    )
  })

  test('look at the last hundred ends, and at the hundred before', () => {
    const clock = createManualClock(START)
    const metrics = createMetrics(clock)
    const operations: Operations = createOperations({ keep: 1000, canAsk: true, onChange: (change) => metrics.take(change, 0) })
    const end = (index: number, status: 'completed' | 'failed', version = 1) =>
      operations.take({ ...toWord({ operation: index, version, status, atSecond: 0, waitMs: 0 }) }, 'live', {})
    for (let index = 0; index < 300; index += 1) end(index, index >= 100 && index < 200 && index % 2 === 0 ? 'failed' : 'completed')
    expect(metrics.read(0)).toMatchObject({ errorRate: 0, trend: -0.5 })
    // A revoked one ended last of all.
    end(0, 'failed', 2)
    expect(metrics.read(0)).toMatchObject({ errorRate: 0.01, totalOperations: 300 })
  })

  test('count the history of a page that comes late, but not as this minute’s', () => {
    const metrics = createMetrics(createManualClock(START))
    const operations: Operations = createOperations({ keep: 10, canAsk: true, onChange: (change) => metrics.take(change, 0) })
    operations.take(toWord({ operation: 1, version: 1, status: 'completed', atSecond: 5, waitMs: 0 }), 'snapshot', {})
    operations.take(toWord({ operation: 2, version: 2, status: 'in_progress', atSecond: 5, waitMs: 0 }), 'snapshot', {})
    operations.take(toWord({ operation: 2, version: 3, status: 'completed', atSecond: 9, waitMs: 0 }), 'live', {})
    // Nobody heard the second one begin.
    expect(metrics.read(0)).toMatchObject({ totalOperations: 2, successRate: 1, throughput: 1, avgDuration: null })
  })
})

describe('memory', () => {
  test('600,000 words over 10,000 operations keep what is kept within the cap', () => {
    const metrics = createMetrics(createManualClock(START))
    const operations: Operations = createOperations({
      keep: 2000,
      canAsk: true,
      onChange: (change) => metrics.take(change, operations.unfinished()),
    })
    let most = 0
    for (let index = 0; index < 600_000; index += 1) {
      const id = (index * 7919) % 10_000
      const status = index % 60 === 59 ? 'completed' : 'in_progress'
      operations.take(
        { ...toWord({ operation: id, version: index + 1, status, atSecond: 0, waitMs: 0 }), timestamp: '2026-01-01T00:00:00Z' },
        'live',
        {},
      )
      if (index % 1000 === 0) most = Math.max(most, operations.all().length)
    }
    expect(most).toBeLessThanOrEqual(2000)
    expect(operations.all().length).toBeGreaterThan(1800)
  })

  test('what has ended goes first, the one that ended first before the others', () => {
    const operations = createOperations({ keep: 3, canAsk: true, onChange() {} })
    const take = (id: string, status: SyncStatusUpdate['status'], version: number) =>
      operations.take(
        { ...toWord({ operation: 0, version, status: 'pending', atSecond: 0, waitMs: 0 }), operation_id: id, status },
        'live',
        {},
      )
    take('a', 'pending', 1)
    take('b', 'completed', 2)
    take('c', 'completed', 3)
    take('b', 'failed', 4)
    take('d', 'pending', 5)
    expect(operations.all().map(({ operation_id }) => operation_id)).toEqual(['a', 'd', 'b'])
    take('e', 'pending', 6)
    take('f', 'pending', 7)
    expect(operations.all().map(({ operation_id }) => operation_id)).toEqual(['d', 'e', 'f'])
  })
})
