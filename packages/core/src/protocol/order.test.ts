import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { judge, remember, type OrderedBy, type Seen, type Verdict, type WordSource } from './order.js'
import { isTerminal, type OperationStatus, type SyncStatusUpdate } from './sync-status-update.js'

/** A word in few letters: `word('in_progress', { at: 3, version: 2 })`. `at` counts microseconds. */
function word(status: OperationStatus, { at = 0, ...more }: Partial<SyncStatusUpdate> & { at?: number } = {}): SyncStatusUpdate {
  const timestamp = `2026-01-01T00:00:00.${String(at).padStart(6, '0')}Z`
  return { operation_id: 'op', operation_type: 'upload', status, progress: 0, timestamp, ...more }
}
const after = (words: readonly SyncStatusUpdate[], orderedBy?: OrderedBy) =>
  words.reduce<Seen | undefined>((seen, update) => remember(seen, update, { order: orderedBy }), undefined)

interface Example {
  readonly says: string
  readonly seen: readonly SyncStatusUpdate[]
  readonly next: SyncStatusUpdate
  readonly live: Verdict
  /** The same where it is left away. */
  readonly snapshot?: Verdict
}

function check(examples: readonly Example[], orderedBy?: OrderedBy): void {
  test.each(examples)('$says', ({ seen, next, live, snapshot = live }) => {
    expect(judge(after(seen, orderedBy), next, 'live', { order: orderedBy })).toBe(live)
    expect(judge(after(seen, orderedBy), next, 'snapshot', { order: orderedBy })).toBe(snapshot)
  })
}

describe('the first word', () => {
  check([
    { says: 'is taken with a version', seen: [], next: word('completed', { version: 7 }), live: 'apply' },
    { says: 'is taken without one', seen: [], next: word('pending'), live: 'apply' },
  ])
})

describe('words with versions', () => {
  const v = (version: number, status: OperationStatus = 'in_progress', more = {}) => word(status, { version, ...more })
  check([
    { says: 'a higher one is taken', seen: [v(1)], next: v(2), live: 'apply' },
    { says: 'gaps do not matter', seen: [v(1)], next: v(900), live: 'apply' },
    { says: 'the same one is dropped', seen: [v(2)], next: v(2), live: 'drop' },
    {
      says: 'the same one is dropped whatever it says, unless we asked: somebody changed the row by hand',
      seen: [v(2)],
      next: v(2, 'completed'),
      live: 'drop',
      snapshot: 'apply',
    },
    {
      says: 'so an end is taken back, too',
      seen: [v(2, 'completed')],
      next: v(2),
      live: 'drop',
      snapshot: 'apply',
    },
    { says: 'a lower one is not, although we asked: the answer was on its way for long', seen: [v(2)], next: v(1, 'failed'), live: 'drop' },
    { says: 'a lower one is dropped', seen: [v(2)], next: v(1), live: 'drop' },
    { says: 'a lower one is dropped although it is an end', seen: [v(2)], next: v(1, 'failed'), live: 'drop' },
    { says: 'a lower one is dropped although its time is later', seen: [v(2)], next: v(1, 'in_progress', { at: 9 }), live: 'drop' },
    { says: 'a higher one is taken although its time is earlier', seen: [v(1, 'in_progress', { at: 9 })], next: v(2), live: 'apply' },
    { says: 'a higher one takes a completion back', seen: [v(5, 'completed')], next: v(6, 'failed'), live: 'apply' },
    { says: 'a higher one reopens a failure', seen: [v(5, 'failed')], next: v(6), live: 'apply' },
    { says: 'a lower one does not reopen a failure', seen: [v(5, 'failed')], next: v(4), live: 'drop' },
    { says: 'the version zero counts', seen: [v(0)], next: v(0), live: 'drop' },
  ])
})

describe('words without versions', () => {
  check([
    {
      says: 'a later one is taken',
      seen: [word('in_progress', { at: 1 })],
      next: word('in_progress', { at: 2, progress: 1 }),
      live: 'apply',
    },
    {
      says: 'an earlier one is dropped',
      seen: [word('in_progress', { at: 2 })],
      next: word('in_progress', { at: 1, progress: 9 }),
      live: 'drop',
    },
    { says: 'microseconds decide', seen: [word('in_progress', { at: 999 })], next: word('pending', { at: 998 }), live: 'drop' },
    {
      says: 'of the same time, one that says something else is taken',
      seen: [word('in_progress', { stage: 'scanning' })],
      next: word('in_progress', { stage: 'syncing' }),
      live: 'apply',
    },
    {
      says: 'a repetition is dropped',
      seen: [word('in_progress', { stage: 's' })],
      next: word('in_progress', { stage: 's' }),
      live: 'drop',
    },
    { says: 'the same said later changes nothing', seen: [word('in_progress')], next: word('in_progress', { at: 5 }), live: 'drop' },
    { says: 'an end is taken', seen: [word('in_progress', { at: 1 })], next: word('completed', { at: 2 }), live: 'apply' },
    {
      says: 'an end is taken from a writer whose clock is behind',
      seen: [word('in_progress', { at: 900 })],
      next: word('completed', { at: 1 }),
      live: 'apply',
    },
    {
      says: 'an end absorbs what a writer whose clock is ahead says',
      seen: [word('completed', { at: 1 })],
      next: word('in_progress', { at: 900 }),
      live: 'drop',
    },
    {
      says: 'between two ends the snapshot decides',
      seen: [word('completed')],
      next: word('failed', { at: 9 }),
      live: 'ask',
      snapshot: 'apply',
    },
    {
      says: 'between two ends of one status that say different things the snapshot decides',
      seen: [word('completed', { result: { url: '/a' } })],
      next: word('completed', { result: { url: '/b' } }),
      live: 'ask',
      snapshot: 'apply',
    },
    { says: 'an end that is repeated is dropped', seen: [word('failed')], next: word('failed', { at: 7 }), live: 'drop' },
  ])
})

describe('words without a time, which the decoder filled in', () => {
  check(
    [
      { says: 'a further status is taken', seen: [word('pending', { at: 9 })], next: word('in_progress', { at: 1 }), live: 'apply' },
      { says: 'an earlier status is dropped', seen: [word('in_progress', { at: 1 })], next: word('pending', { at: 9 }), live: 'drop' },
      {
        says: 'more progress is taken',
        seen: [word('in_progress', { progress: 4 })],
        next: word('in_progress', { progress: 5 }),
        live: 'apply',
      },
      {
        says: 'less progress is dropped',
        seen: [word('in_progress', { progress: 5 })],
        next: word('in_progress', { progress: 4, at: 9 }),
        live: 'drop',
      },
      {
        says: 'of the same progress, the one that arrives later is taken',
        seen: [word('in_progress', { stage: 'a' })],
        next: word('in_progress', { stage: 'b' }),
        live: 'apply',
      },
      { says: 'an end is taken', seen: [word('in_progress', { progress: 99 })], next: word('failed'), live: 'apply' },
      { says: 'an end absorbs', seen: [word('failed')], next: word('in_progress', { progress: 99 }), live: 'drop' },
    ],
    'arrival',
  )

  test('a later stage is taken whatever its progress, an earlier one never', () => {
    const ranked = remember(undefined, word('in_progress', { progress: 90, stage: 'compressing' }), { order: 'arrival', rank: 1 })
    const uploading = word('in_progress', { progress: 3, stage: 'uploading' })
    expect(judge(ranked, uploading, 'live', { order: 'arrival', rank: 2 })).toBe('apply')
    const further = remember(ranked, uploading, { order: 'arrival', rank: 2 })
    const late = word('in_progress', { progress: 95, stage: 'compressing' })
    expect(judge(further, late, 'live', { order: 'arrival', rank: 1 })).toBe('drop')
  })

  test('are not ordered by time against those that have one', () => {
    const timed = after([word('in_progress', { at: 500, progress: 10 })])
    expect(judge(timed, word('in_progress', { at: 1, progress: 20 }), 'live', { order: 'arrival' })).toBe('apply')
    expect(judge(timed, word('in_progress', { at: 900, progress: 5 }), 'live', { order: 'arrival' })).toBe('drop')
  })
})

describe('senders with and without versions, mixed', () => {
  const versioned = word('in_progress', { version: 3 })
  const ended = word('completed', { version: 3 })
  check([
    {
      says: 'after a version, a live word without one asks',
      seen: [versioned],
      next: word('in_progress', { at: 9 }),
      live: 'ask',
      snapshot: 'drop',
    },
    { says: 'so does an end', seen: [versioned], next: word('failed', { at: 9 }), live: 'ask', snapshot: 'apply' },
    { says: 'a snapshot without versions does not undo an end', seen: [ended], next: word('in_progress'), live: 'ask', snapshot: 'drop' },
    { says: 'nor exchange it for another', seen: [ended], next: word('failed'), live: 'ask', snapshot: 'drop' },
    {
      says: 'a version is remembered although a word without one was taken since',
      seen: [versioned, word('failed')],
      next: ended,
      live: 'drop',
      snapshot: 'apply',
    },
    {
      says: 'the first version is taken while nothing has ended',
      seen: [word('in_progress', { at: 9 })],
      next: word('pending', { version: 1 }),
      live: 'apply',
    },
    { says: 'the first version is taken when it says the same end', seen: [word('completed')], next: ended, live: 'apply' },
    { says: 'the first version asks before it undoes an end', seen: [word('completed')], next: versioned, live: 'ask', snapshot: 'apply' },
    { says: 'the first version asks before it exchanges an end', seen: [word('failed')], next: ended, live: 'ask', snapshot: 'apply' },
  ])
})

// -- properties ---------------------------------------------------------------------------------------------------------------------------

const statuses = fc.constantFrom<OperationStatus>('pending', 'in_progress', 'completed', 'failed', 'cancelled')
const anyWord = fc
  .record(
    {
      status: statuses,
      at: fc.nat(3),
      progress: fc.constantFrom(0, 50, 100),
      version: fc.nat(5),
      stage: fc.constantFrom('a', 'b'),
      result: fc.constantFrom<unknown>({ url: '/a' }, 'b'),
    },
    { requiredKeys: ['status', 'at', 'progress'] },
  )
  .map(({ status, ...more }) => word(status, more))
const sources = fc.constantFrom<WordSource>('live', 'snapshot')
const orders = fc.constantFrom<OrderedBy>('timestamp', 'arrival')
const history = fc.array(fc.tuple(anyWord, sources, orders), { maxLength: 12, size: 'max' })

/** What is held after the words were taken by the verdicts. */
function hear(words: readonly (readonly [SyncStatusUpdate, WordSource, OrderedBy])[]) {
  let seen: Seen | undefined
  let held: SyncStatusUpdate | undefined
  for (const [update, source, orderedBy] of words) {
    if (judge(seen, update, source, { order: orderedBy }) !== 'apply') continue
    seen = remember(seen, update, { order: orderedBy })
    held = update
  }
  return { seen, held }
}

describe('whatever came before', () => {
  test('a word that was just taken is never taken again', () => {
    fc.assert(
      fc.property(history, anyWord, sources, orders, (words, update, source, orderedBy) => {
        const { seen } = hear(words)
        if (judge(seen, update, source, { order: orderedBy }) !== 'apply') return
        const next = remember(seen, update, { order: orderedBy })
        expect(judge(next, update, 'live', { order: orderedBy })).not.toBe('apply')
        expect(judge(next, update, 'snapshot', { order: orderedBy })).toBe('drop')
      }),
    )
  })

  test('an end is undone by a version alone', () => {
    fc.assert(
      fc.property(history, anyWord, sources, orders, (words, update, source, orderedBy) => {
        const { seen } = hear(words)
        fc.pre(seen !== undefined && isTerminal(seen.status) && !isTerminal(update.status))
        fc.pre(judge(seen, update, source, { order: orderedBy }) === 'apply')
        // By the same one where the server's row was changed by hand, which only an answer to our question can tell.
        expect(update.version ?? -1).toBeGreaterThan((seen?.version ?? -1) - Number(source === 'snapshot'))
      }),
    )
  })

  test('a version never goes back', () => {
    fc.assert(
      fc.property(history, (words) => {
        let seen: Seen | undefined
        for (const [update, source, orderedBy] of words) {
          if (judge(seen, update, source, { order: orderedBy }) !== 'apply') continue
          const next = remember(seen, update, { order: orderedBy })
          expect(next.version ?? -1).toBeGreaterThanOrEqual(seen?.version ?? -1)
          seen = next
        }
      }),
    )
  })

  test('a snapshot never asks for another one', () => {
    fc.assert(
      fc.property(history, anyWord, orders, (words, update, orderedBy) => {
        expect(judge(hear(words).seen, update, 'snapshot', { order: orderedBy })).not.toBe('ask')
      }),
    )
  })
})

test('words with versions end in the same place in whatever order and however often they come', () => {
  const versioned = fc.uniqueArray(
    fc.record({ status: statuses, version: fc.nat(50), at: fc.nat(3) }).map(({ status, ...more }) => word(status, more)),
    { selector: (update) => update.version, minLength: 1 },
  )
  const shuffled = versioned.chain((words) =>
    fc.record({
      words: fc.constant(words),
      order: fc.array(fc.constantFrom(...words)),
      tail: fc.shuffledSubarray(words, { minLength: words.length }),
    }),
  )
  fc.assert(
    fc.property(shuffled, sources, ({ words, order, tail }, source) => {
      const latest = words.reduce((a, b) => ((a.version ?? 0) > (b.version ?? 0) ? a : b))
      expect(hear([...order, ...tail].map((update) => [update, source, 'timestamp'])).held).toBe(latest)
    }),
  )
})

test('words without versions that have one end and different times end there in whatever order they come', () => {
  const unversioned = fc
    .uniqueArray(fc.record({ status: fc.constantFrom<OperationStatus>('pending', 'in_progress'), at: fc.nat(99) }), {
      selector: ({ at }) => at,
    })
    .map((words) => words.map(({ status, at }) => word(status, { at, progress: at })))
  const end = fc.record({ status: fc.constantFrom<OperationStatus>('completed', 'failed', 'cancelled'), at: fc.nat(99) })
  fc.assert(
    fc.property(
      fc.tuple(unversioned, end).chain(([words, { status, at }]) => {
        const all = [...words, word(status, { at })]
        return fc.tuple(fc.constant(status), fc.shuffledSubarray(all, { minLength: all.length }))
      }),
      ([status, words]) => {
        expect(hear(words.map((update) => [update, 'live', 'timestamp'])).held?.status).toBe(status)
      },
    ),
  )
})
