import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { UploadError } from '../errors.js'
import { isTerminal, SUPERSEDED, type OperationStatus, type SyncStatusUpdate } from '../protocol/index.js'
import type { ItemIn, UploadItem, UploadPhase } from './item.js'
import { hear, isAbout, isUnfinished, sentBytes, transition as act, type ItemEvent } from './machine.js'
import { newItem } from './new-item.js'

const SIZE = 100
const error = new UploadError('network', 'The connection was lost.')
const file = { name: 'a.txt', size: SIZE, type: 'text/plain' }
const fresh = newItem({ id: 'item', file, relativePath: 'folder/a.txt', addedAt: 1, metadata: { album: 'b' } })

const word = (status: OperationStatus, more: Partial<SyncStatusUpdate> = {}): SyncStatusUpdate => ({
  operation_id: 'op',
  operation_type: 'upload',
  status,
  progress: 0,
  timestamp: '2026-01-01T00:00:00Z',
  ...more,
})
const said = (status: OperationStatus, more: Partial<SyncStatusUpdate> = {}): ItemEvent => ({
  type: 'serverSaid',
  update: word(status, { version: 5, ...more }),
})
/** Both halves of the machine: each is asked by its own kind of event. */
const transition = (item: UploadItem, event: ItemEvent): UploadItem =>
  event.type === 'serverSaid' || event.type === 'heard' ? hear(item, event) : act(item, event)
const play = (item: UploadItem, ...events: readonly ItemEvent[]) => events.reduce(transition, item)
const planned: ItemEvent = { type: 'planned', operationId: 'op' }
const interrupted = (reason: ItemIn<'waiting'>['reason'] = 'backoff'): ItemEvent => ({ type: 'interrupted', reason, error, retryAt: 9 })

/** One item in each phase, with an operation and 40 bytes where a phase has them; made by events alone. */
const preparing = play(fresh, { type: 'started' })
const ready = play(preparing, planned)
const uploading = play(ready, { type: 'slotTaken' }, { type: 'progressed', sentBytes: 40 })
const queued = play(uploading, { type: 'stopped' })
const waiting = play(uploading, interrupted())
const processing = play(uploading, { type: 'transferred', final: false })
const overdue = play(processing, { type: 'deadlinePassed' })
const completed = play(processing, said('completed', { version: 1, result: { url: '/a' } }))
const failedByServer = play(processing, said('failed', { version: 1, error: { code: 'virus_found', message: 'Virus.', retryable: false } }))
const failedBySelf = play(uploading, { type: 'failed', error })
const cancelled = play(uploading, { type: 'cancelled' })
const items = {
  queued,
  preparing: play(queued, { type: 'started' }),
  ready: play(queued, { type: 'started' }, planned),
  uploading,
  waiting,
  processing,
  overdue,
  completed,
  failedByServer,
  failedBySelf,
  cancelled,
} as const
type Name = keyof typeof items

const events = {
  started: { type: 'started' },
  planned,
  'planned anew': { type: 'planned', operationId: 'op2', attempt: 2 },
  attemptTaken: { type: 'attemptTaken' },
  prepared: { type: 'prepared', file: { name: 'b.webp', size: 3, type: 'image/webp' } },
  planExpired: { type: 'planExpired' },
  slotTaken: { type: 'slotTaken' },
  progressed: { type: 'progressed', sentBytes: 60 },
  stopped: { type: 'stopped' },
  transferred: { type: 'transferred', final: false },
  'transferred to another': { type: 'transferred', final: false, operationId: 'other' },
  'transferred for good': { type: 'transferred', final: true, result: { key: 'k' } },
  interrupted: interrupted(),
  failed: { type: 'failed', error },
  requeued: { type: 'requeued' },
  'fileReplaced by the same': { type: 'fileReplaced', file },
  'fileReplaced by another': { type: 'fileReplaced', file: { name: 'b.txt', size: 7, type: '' } },
  paused: { type: 'paused' },
  resumed: { type: 'resumed' },
  cancelled: { type: 'cancelled' },
  deadlinePassed: { type: 'deadlinePassed' },
  heard: { type: 'heard', update: word('in_progress', { version: 9, progress: 30 }) },
  reprioritised: { type: 'reprioritised', priority: 3 },
  'serverSaid in_progress': said('in_progress'),
  'serverSaid completed': said('completed'),
  'serverSaid failed': said('failed'),
  'serverSaid cancelled': said('cancelled'),
} as const satisfies Record<string, ItemEvent>

/** The table in machine.ts, cell by cell: the phase that follows; `=` is the same object; `paused` is the same phase, paused. */
const TABLE = `
                         | queued    preparing  ready      uploading  waiting    processing overdue    completed failedByServer failedBySelf cancelled
started                  | preparing =          =          =          =          =          =          =         =              =            =
planned                  | =         ready      =          =          =          =          =          =         =              =            =
planned anew             | =         ready      =          =          =          =          =          =         ready          =            =
attemptTaken             | =         queued     =          =          =          =          =          =         =              =            =
prepared                 | =         preparing  =          =          =          =          =          =         =              =            =
planExpired              | =         =          queued     =          =          =          =          =         =              =            =
slotTaken                | =         =          uploading  =          =          =          =          =         =              =            =
progressed               | =         =          =          uploading  =          =          =          =         =              =            =
stopped                  | =         =          =          queued     =          =          =          =         =              =            =
transferred              | =         processing processing processing =          =          =          =         =              =            =
transferred to another   | =         processing processing processing =          =          =          =         =              =            =
transferred for good     | =         completed  completed  completed  =          =          =          =         =              =            =
interrupted              | =         waiting    waiting    waiting    =          =          =          =         =              =            =
failed                   | failed    failed     failed     failed     failed     =          =          =         =              =            =
requeued                 | =         =          =          =          queued     =          =          =         queued         queued       =
fileReplaced by the same | =         =          =          =          queued     =          =          =         queued         queued       =
fileReplaced by another  | =         =          =          =          queued     =          =          =         queued         queued       =
paused                   | paused    paused     paused     queued     paused     =          =          =         =              =            =
resumed                  | =         =          =          =          =          =          =          =         =              =            =
cancelled                | cancelled cancelled  cancelled  cancelled  cancelled  cancelled  cancelled  =         =              =            =
deadlinePassed           | =         =          =          =          =          processing =          =         =              =            =
heard                    | queued    preparing  ready      uploading  waiting    processing processing =         =              failed       cancelled
reprioritised            | queued    preparing  ready      uploading  waiting    processing processing completed failed         failed       cancelled
serverSaid in_progress   | queued    preparing  ready      uploading  waiting    processing processing processing processing    failed       cancelled
serverSaid completed     | completed completed  completed  completed  completed  completed  completed  completed completed      completed    completed
serverSaid failed        | failed    failed     failed     failed     failed     failed     failed     failed    failed         failed       cancelled
serverSaid cancelled     | cancelled cancelled  cancelled  cancelled  cancelled  cancelled  cancelled  cancelled cancelled      cancelled    cancelled
`
const [head = '', ...rows] = TABLE.trim().split('\n')
const columns = cells(head)
const expectations = rows.flatMap((row) =>
  cells(row).map((expected, index) => ({ event: (row.split('|')[0] ?? '').trim(), from: columns[index] as Name, expected: expected })),
)
function cells(row: string): readonly string[] {
  return (row.split('|')[1] ?? '').trim().split(/\s+/)
}

describe('every event in every phase', () => {
  test('has a cell in the table', () => {
    expect(columns).toEqual(Object.keys(items))
    expect(expectations.map(({ event, from }) => `${event} in ${from}`)).toEqual(
      Object.keys(events).flatMap((event) => columns.map((from) => `${event} in ${from}`)),
    )
  })

  test('is one of all phases and all events', () => {
    // What is new in the machine does not compile here until it is named, and then misses its column or row.
    const everyEvent = {
      started: true,
      planned: true,
      attemptTaken: true,
      prepared: true,
      planExpired: true,
      slotTaken: true,
      progressed: true,
      stopped: true,
      transferred: true,
      interrupted: true,
      failed: true,
      requeued: true,
      fileReplaced: true,
      paused: true,
      resumed: true,
      cancelled: true,
      deadlinePassed: true,
      serverSaid: true,
      heard: true,
      reprioritised: true,
    } satisfies Record<ItemEvent['type'], true>
    expect(new Set(Object.values(items).map(({ phase }) => phase))).toEqual(new Set(Object.keys(PHASE_FIELDS)))
    expect(new Set(Object.values(events).map(({ type }) => type))).toEqual(new Set(Object.keys(everyEvent)))
  })

  test.each(expectations)('$event in $from: $expected', ({ event, from, expected }) => {
    const before = items[from]
    const after = transition(before, events[event as keyof typeof events])
    expect(after === before).toBe(expected === '=')
    expect(after.phase).toBe(expected === 'paused' || expected === '=' ? before.phase : expected)
    expect(after.paused).toBe(event === 'paused' && expected !== '=')
    expect(Object.isFrozen(after)).toBe(true)
  })
})

describe('a file that was made ready', () => {
  test('is from then on what the item says of it, in its folder', () => {
    const item = { ...items.preparing, relativePath: 'album/a.png' }
    expect(transition(item, events.prepared)).toEqual({
      ...item,
      name: 'b.webp',
      size: 3,
      type: 'image/webp',
      relativePath: 'album/b.webp',
    })
    const { relativePath: _, ...loose } = item
    expect(transition(loose, events.prepared)).not.toHaveProperty('relativePath')
  })
})

describe('a paused item', () => {
  const names = ['queued', 'preparing', 'ready', 'waiting'] as const
  const paused = (name: (typeof names)[number]) => play(items[name], { type: 'paused' })

  test('does not begin, nor take a slot', () => {
    const [inQueue, inLine] = [paused('queued'), paused('ready')]
    expect(play(inQueue, events.started)).toBe(inQueue)
    expect(play(inLine, events.slotTaken)).toBe(inLine)
  })

  test('stays paused while its plan comes, or fails to come', () => {
    expect(play(paused('preparing'), planned)).toMatchObject({ phase: 'ready', paused: true })
    expect(play(paused('preparing'), interrupted())).toMatchObject({ phase: 'waiting', paused: true })
    expect(play(paused('waiting'), { type: 'requeued' })).toMatchObject({ phase: 'queued', paused: true })
    expect(play(paused('ready'), { type: 'planExpired' })).toMatchObject({ phase: 'queued', paused: true })
  })

  test.each(names)('in %s goes on where it stood when it is resumed', (name) => {
    expect(play(paused(name), { type: 'resumed' })).toMatchObject({
      phase: name === 'waiting' ? 'queued' : name,
      paused: false,
      sentBytes: 40,
    })
  })

  test.each(names)('in %s is not paused any more once it has ended or the server works on it', (name) => {
    const endings = [
      events.failed,
      events.cancelled,
      events['serverSaid completed'],
      events['serverSaid failed'],
      events['serverSaid cancelled'],
      events.transferred,
      events['transferred for good'],
    ]
    const before = paused(name)
    const after = endings.map((ending) => transition(before, ending)).filter((item) => item !== before)
    expect(after.length).toBeGreaterThan(3)
    expect(after.filter((item) => item.paused)).toEqual([])
  })

  test('waits on when it is resumed, where only the user can help', () => {
    for (const reason of ['auth', 'file'] as const) {
      expect(play(uploading, interrupted(reason), { type: 'paused' }, { type: 'resumed' })).toMatchObject({
        phase: 'waiting',
        reason,
        paused: false,
      })
    }
  })

  test.each(expectations.filter(({ from }) => names.some((name) => name === from)))(
    'meets $event in $from as any other, but does not go on by itself',
    ({ event, from, expected }) => {
      const before = paused(from as (typeof names)[number])
      const after = transition(before, events[event as keyof typeof events])
      if (event === 'resumed') return expect(after).toMatchObject({ phase: from === 'waiting' ? 'queued' : from, paused: false })
      if (['started', 'slotTaken', 'paused'].includes(event)) return expect(after).toBe(before)
      expect(after === before).toBe(expected === '=')
      expect(after.phase).toBe(expected === '=' ? from : expected)
      // Another file is chosen to be sent; and nothing is paused that has ended, or is the server's.
      const isChosen = event.startsWith('fileReplaced') && after !== before
      expect(after.paused).toBe(!isChosen && names.some((name) => name === after.phase))
    },
  )
})

describe('progress', () => {
  const sent = (sentBytes: number, bytesPerSecond?: number): ItemEvent => ({ type: 'progressed', sentBytes, bytesPerSecond })

  test('moves upward only: a part that is sent again does not pull it back', () => {
    expect(play(uploading, sent(10))).toBe(uploading)
    expect(play(uploading, sent(60), sent(50))).toMatchObject({ sentBytes: 60 })
  })

  test('never passes the size', () => {
    expect(play(uploading, sent(1e9))).toMatchObject({ sentBytes: SIZE })
    expect(play(uploading, sent(Infinity))).toMatchObject({ sentBytes: SIZE })
  })

  test('is in whole bytes', () => {
    expect(play(uploading, sent(60.7))).toMatchObject({ sentBytes: 60 })
  })

  test.each([NaN, -1, -Infinity])('does not move by %d', (bytes) => {
    expect(play(uploading, sent(bytes))).toBe(uploading)
  })

  test('tells the time left from the speed', () => {
    expect(play(uploading, sent(50, 25))).toMatchObject({ bytesPerSecond: 25, secondsLeft: 2 })
  })

  test('tells no time left while the speed swings', () => {
    const swinging = play(uploading, { type: 'progressed', sentBytes: 50, bytesPerSecond: 25, swings: true })
    expect(swinging).toMatchObject({ bytesPerSecond: 25 })
    expect(swinging).not.toHaveProperty('secondsLeft')
  })

  test('shows no speed where there is none', () => {
    const fast = play(uploading, sent(50, 25))
    for (const rate of [undefined, 0, -1, NaN]) {
      const slow = play(fast, sent(51, rate))
      expect(slow).not.toHaveProperty('bytesPerSecond')
      expect(slow).not.toHaveProperty('secondsLeft')
      expect(play(slow, sent(51, rate))).toBe(slow)
    }
  })

  test('is the same object where neither bytes nor speed have changed', () => {
    const fast = play(uploading, sent(50, 25))
    expect(play(fast, sent(50, 25))).toBe(fast)
  })

  test('is kept through pause, interruption and a new plan of the same operation', () => {
    const again = play(uploading, { type: 'paused' }, { type: 'resumed' }, { type: 'started' }, planned, { type: 'slotTaken' })
    expect(again).toMatchObject({ phase: 'uploading', sentBytes: 40 })
    expect(play(waiting, { type: 'requeued' })).toMatchObject({ sentBytes: 40 })
  })

  test('begins anew with a new attempt', () => {
    const next = play(queued, { type: 'started' }, { type: 'planned', operationId: 'op2', attempt: 2 })
    expect(next).toMatchObject({ phase: 'ready', attempt: 2, operationId: 'op2' })
    expect(sentBytes(next)).toBe(0)
  })

  test('of an item without bytes is no division by zero', () => {
    const empty = play(newItem({ id: 'e', file: { ...file, size: 0 }, addedAt: 0 }), { type: 'started' }, planned, { type: 'slotTaken' })
    expect(play(empty, sent(0, 100))).toMatchObject({ sentBytes: 0, secondsLeft: 0 })
  })

  test('of the server does not go back while one run lasts, and does when it begins anew', () => {
    const half = play(processing, said('in_progress', { version: 2, progress: 50 }))
    expect(play(half, said('in_progress', { version: 3, progress: 20 }))).toMatchObject({ server: { progress: 50 } })
    const again = play(half, said('failed', { version: 3, progress: 50 }), said('in_progress', { version: 4, progress: 5 }))
    expect(again).toMatchObject({ phase: 'processing', server: { progress: 5 } })
  })
})

describe("the server's word", () => {
  test('is not taken for another operation', () => {
    for (const item of [ready, processing, completed]) {
      expect(play(item, said('failed', { operation_id: 'other', client_ref: 'item' }))).toBe(item)
    }
  })

  test("is taken by the item's own id while the operation is not known, and names the operation", () => {
    expect(play(preparing, said('in_progress', { client_ref: 'item' }))).toMatchObject({ phase: 'preparing', operationId: 'op' })
    expect(play(preparing, said('completed', { client_ref: 'item' }))).toMatchObject({ phase: 'completed', operationId: 'op' })
    expect(play(preparing, said('completed', { client_ref: 'other' }))).toBe(preparing)
    expect(play(preparing, said('completed'))).toBe(preparing)
  })

  test('survives the plan that answers the same operation', () => {
    const early = play(preparing, said('in_progress', { client_ref: 'item', stage: 'scanning' }), planned)
    expect(early).toMatchObject({ phase: 'ready', server: { stage: 'scanning' } })
  })

  test('on the attempt before is not taken for the next one, which has no operation yet', () => {
    const other = play(waiting, events['fileReplaced by another'])
    expect(other).toMatchObject({ attempt: 2 })
    expect(other).not.toHaveProperty('operationId')
    for (const attempt of [{ attempt: 1 }, {}]) {
      const late = word('cancelled', { client_ref: 'item', version: 9, ...attempt })
      expect(isAbout(other, late)).toBe(false)
      expect(transition(other, { type: 'serverSaid', update: late })).toBe(other)
    }
    expect(isAbout(other, word('pending', { operation_id: 'op2', client_ref: 'item', attempt: 2 }))).toBe(true)
  })

  test('that an operation was replaced by a newer attempt is no news of the item', () => {
    const superseded = said('failed', { error: { code: SUPERSEDED, message: 'Replaced.', retryable: false } })
    const going = new Set<UploadItem>([items.ready, items.uploading, items.processing, items.overdue])
    for (const item of Object.values(items)) if (!going.has(item)) expect(play(item, superseded)).toBe(item)
    // Another page has begun the newer attempt: nothing more will ever be heard of this one.
    for (const item of going) expect(play(item, superseded)).toMatchObject({ phase: 'failed', error: { remoteCode: SUPERSEDED } })
  })

  test('completes an item whose bytes are still going', () => {
    expect(play(uploading, said('completed', { result: { url: '/x' } }))).toMatchObject({ phase: 'completed', result: { url: '/x' } })
  })

  test('takes a completion back, with its reason', () => {
    const revoked = play(completed, said('failed', { version: 2, error: { code: 'moderated', message: 'Removed.', retryable: false } }))
    expect(revoked).toMatchObject({
      phase: 'failed',
      by: 'server',
      error: { code: 'remote_error', remoteCode: 'moderated', message: 'Removed.', retryable: false },
    })
    expect(revoked).not.toHaveProperty('result')
  })

  test('does not undo an end without a newer version', () => {
    for (const status of ['in_progress', 'failed', 'cancelled'] as const) {
      expect(play(completed, said(status, { version: 1 }))).toBe(completed)
      expect(play(completed, said(status, { version: 0 }))).toBe(completed)
    }
  })

  test('that it failed has a sentence even where the server sent none', () => {
    expect(play(processing, said('failed'))).toMatchObject({ error: { retryable: true, message: expect.stringMatching(/.+/) } })
    expect(play(processing, said('failed', { message: 'Disk full.' }))).toMatchObject({ error: { message: 'Disk full.' } })
    const silent = { code: 'x', message: '', retryable: false }
    expect(play(processing, said('failed', { error: silent }))).toMatchObject({
      error: { message: expect.stringMatching(/.+/), retryable: false },
    })
  })

  test("does not cover an error of our own with the server's", () => {
    expect(play(failedBySelf, said('failed'))).toMatchObject({ phase: 'failed', by: 'self', error, server: { status: 'failed' } })
  })

  test('leaves alone what the user is about to send again', () => {
    const inLine = play(failedByServer, { type: 'requeued' }, { type: 'started' }, { type: 'planned' })
    const going = play(inLine, { type: 'slotTaken' })
    for (const retrying of [inLine, going, play(going, interrupted())]) {
      expect(play(retrying, said('in_progress', { version: 2 })).phase).toBe(retrying.phase)
    }
  })

  test('says that it is alive: what was overdue is not', () => {
    expect(play(overdue, said('in_progress'))).toMatchObject({ phase: 'processing', overdue: false })
  })

  test('that asks for a snapshot changes nothing', () => {
    const versioned = play(processing, said('in_progress'))
    expect(transition(versioned, { type: 'serverSaid', update: word('completed') })).toBe(versioned)
  })

  test('from a snapshot decides between two ends of a server without versions', () => {
    const first = play(processing, { type: 'serverSaid', update: word('completed') })
    const other: ItemEvent = { type: 'serverSaid', update: word('failed') }
    expect(play(first, other)).toBe(first)
    expect(play(first, { ...other, source: 'snapshot' })).toMatchObject({ phase: 'failed' })
  })

  test('without versions counts anew when the server has begun anew', () => {
    const failure: ItemEvent = { type: 'serverSaid', update: word('failed', { message: 'Disk full.' }) }
    const again = play(processing, failure, { type: 'requeued' }, { type: 'started' }, { type: 'transferred', final: false })
    expect(again).toMatchObject({ phase: 'processing', operationId: 'op' })
    expect(again).not.toHaveProperty('server')
    expect(play(again, failure)).toMatchObject({ phase: 'failed' })
  })

  test('of an earlier operation does not count for the one that the answer to the bytes names', () => {
    const failure = { type: 'serverSaid', update: word('failed', { version: 9 }) } as const
    const again = play(processing, failure, { type: 'requeued' }, { type: 'started' }, events['transferred to another'])
    expect(again).toMatchObject({ phase: 'processing', operationId: 'other' })
    expect(again).not.toHaveProperty('server')
    expect(play(again, failure)).toBe(again)
    expect(play(again, said('completed', { operation_id: 'other', version: 1 }))).toMatchObject({ phase: 'completed' })
  })

  test('with versions is remembered when the server has begun anew', () => {
    const again = play(failedByServer, { type: 'requeued' }, { type: 'started' }, { type: 'transferred', final: false })
    expect(play(again, said('failed', { version: 1 }))).toBe(again)
    expect(play(again, said('failed', { version: 2 }))).toMatchObject({ phase: 'failed' })
  })
})

describe('a word on a channel on which others may write', () => {
  const heard = (status: OperationStatus, more: Partial<SyncStatusUpdate> = {}): ItemEvent => ({
    type: 'heard',
    update: word(status, { version: 9, ...more }),
  })
  const working = play(processing, said('in_progress', { version: 2, progress: 20, stage: 'scanning', message: 'Scanning' }))

  test('shows its progress and stage, and none of its texts', () => {
    const after = play(working, heard('in_progress', { progress: 40, stage: 'syncing', message: 'Send money to …', result: { url: '/x' } }))
    expect(after).toMatchObject({ phase: 'processing', server: { progress: 40, stage: 'syncing', message: 'Scanning' } })
    expect(after).not.toHaveProperty('result')
  })

  test('is shown before the first word of the server too', () => {
    expect(play(processing, heard('in_progress', { progress: 40 }))).toMatchObject({ server: { operationId: 'op', progress: 40 } })
  })

  test('does not make what the server says look old, whatever version it claims', () => {
    const forged = heard('in_progress', { version: Number.MAX_SAFE_INTEGER, progress: 40, timestamp: '9999-01-01T00:00:00Z' })
    for (const item of [working, processing]) {
      expect(play(item, forged, said('completed', { version: 3 }))).toMatchObject({ phase: 'completed' })
      expect(play(item, forged, said('in_progress', { version: 3, stage: 'syncing' }))).toMatchObject({ server: { stage: 'syncing' } })
    }
  })

  test('changes nothing by an end, after an end, when it is older, or says nothing new', () => {
    expect(play(working, heard('completed', { result: 'forged' }))).toBe(working)
    expect(play(completed, heard('in_progress'))).toBe(completed)
    expect(play(working, heard('in_progress', { version: 1, progress: 90 }))).toBe(working)
    expect(play(working, heard('in_progress', { progress: 10, stage: 'scanning' }))).toBe(working)
  })

  test('names no operation to an item that has none', () => {
    expect(play(preparing, heard('in_progress', { client_ref: 'item' }))).toBe(preparing)
  })

  test('is not taken for another operation', () => {
    expect(play(working, heard('in_progress', { operation_id: 'other', client_ref: 'item', progress: 90 }))).toBe(working)
  })
})

describe('a cancelled item', () => {
  test('says so when the cancel came too late, and goes on saying so', () => {
    const late = play(cancelled, said('completed', { version: 7, result: 1 }))
    expect(late).toMatchObject({ phase: 'completed', cancelTooLate: true })
    expect(play(late, said('completed', { version: 8, result: 2 }))).toMatchObject({ phase: 'completed', result: 2, cancelTooLate: true })
  })

  test('that the server has let go of, and took up again, was not cancelled too late', () => {
    const acknowledged = play(cancelled, said('cancelled', { version: 7 }))
    expect(play(acknowledged, said('completed', { version: 8 }))).not.toHaveProperty('cancelTooLate')
  })

  test('stays cancelled while the server still works on it, or fails', () => {
    expect(play(cancelled, said('in_progress', { version: 7 }))).toMatchObject({ phase: 'cancelled', server: { status: 'in_progress' } })
    expect(play(cancelled, said('failed', { version: 7 }))).toMatchObject({ phase: 'cancelled' })
  })
})

describe('another file', () => {
  test('of the same name, size and type goes on from where the first one stopped', () => {
    const same = play(waiting, events['fileReplaced by the same'])
    expect(same).toMatchObject({ phase: 'queued', operationId: 'op', attempt: 1, sentBytes: 40 })
  })

  test('is a new attempt in the same folder, and knows nothing of the operation before', () => {
    const other = play(play(waiting, said('in_progress')), events['fileReplaced by another'])
    expect(other).toMatchObject({ phase: 'queued', name: 'b.txt', size: 7, type: '', relativePath: 'folder/b.txt', attempt: 2 })
    for (const field of ['operationId', 'server', 'sentBytes', 'error']) expect(other).not.toHaveProperty(field)
  })

  test('before an operation is known is another attempt all the same: the answer that named it may have been lost', () => {
    const unplanned = play(preparing, interrupted('file'))
    expect(play(unplanned, events['fileReplaced by another'])).toMatchObject({ attempt: 2 })
  })
})

test('a priority that is no number changes nothing', () => {
  expect(play(queued, { type: 'reprioritised', priority: NaN })).toBe(queued)
  expect(play(queued, { type: 'reprioritised', priority: 0 })).toBe(queued)
})

// -- properties ---------------------------------------------------------------------------------------------------------------------------

const PHASE_FIELDS: Readonly<Record<UploadPhase, readonly string[]>> = {
  queued: ['sentBytes'],
  preparing: ['sentBytes'],
  ready: ['sentBytes'],
  uploading: ['sentBytes', 'bytesPerSecond', 'secondsLeft'],
  waiting: ['sentBytes', 'reason', 'error', 'retryAt'],
  processing: ['overdue'],
  completed: ['result', 'cancelTooLate'],
  failed: ['error', 'by'],
  cancelled: [],
}
const NEEDED: Readonly<Partial<Record<UploadPhase, readonly string[]>>> = {
  uploading: ['sentBytes'],
  waiting: ['reason', 'error'],
  processing: ['overdue'],
  failed: ['error', 'by'],
}
const BASE = [
  'id',
  'name',
  'size',
  'type',
  'relativePath',
  'addedAt',
  'priority',
  'metadata',
  'attempt',
  'paused',
  'operationId',
  'server',
  'phase',
]

const anyBytes = fc.oneof(fc.integer({ min: -10, max: SIZE + 10 }), fc.double())
const anyUpdate = fc
  .record(
    {
      operation_id: fc.constantFrom('op', 'op', 'op2'),
      status: fc.constantFrom<OperationStatus>('pending', 'in_progress', 'completed', 'failed', 'cancelled'),
      progress: fc.integer({ min: 0, max: 100 }),
      version: fc.nat(6),
      client_ref: fc.constantFrom('item', 'item', 'other'),
      attempt: fc.integer({ min: 1, max: 3 }),
      stage: fc.constantFrom('scanning', 'syncing'),
      error: fc.record({ code: fc.constantFrom('virus_found', SUPERSEDED), message: fc.string(), retryable: fc.boolean() }),
    },
    { requiredKeys: ['operation_id', 'status', 'progress'] },
  )
  .map(({ status, ...more }) => word(status, more))
const anyEvent: fc.Arbitrary<ItemEvent> = fc.oneof(
  fc.constantFrom<ItemEvent>(...Object.values(events)),
  fc.record({ type: fc.constant('planned' as const), operationId: fc.constantFrom('op', 'op2'), attempt: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ type: fc.constant('progressed' as const), sentBytes: anyBytes, bytesPerSecond: fc.option(fc.double(), { nil: undefined }) }),
  fc.record({
    type: fc.constant('interrupted' as const),
    reason: fc.constantFrom('backoff', 'offline', 'auth', 'file'),
    error: fc.constant(error),
  }),
  fc.record({ type: fc.constant('heard' as const), update: anyUpdate }),
  fc.record({ type: fc.constant('serverSaid' as const), update: anyUpdate, source: fc.constantFrom('live', 'snapshot') }),
)

/** Every step of a random life, from the beginning. */
function forEachStep(check: (before: UploadItem, event: ItemEvent, after: UploadItem) => void): void {
  fc.assert(
    fc.property(fc.array(anyEvent, { maxLength: 40 }), (life) => {
      let item: UploadItem = fresh
      for (const event of life) {
        const after = transition(item, event)
        check(item, event, after)
        item = after
      }
    }),
    { numRuns: 500 },
  )
}

describe('through any life', () => {
  test('an item has the fields of its phase and no others, and is frozen', () => {
    forEachStep((_before, _event, after) => {
      expect([...BASE, ...PHASE_FIELDS[after.phase]]).toEqual(expect.arrayContaining(Object.keys(after)))
      expect(Object.keys(after)).toEqual(expect.arrayContaining([...(NEEDED[after.phase] ?? [])]))
      expect(Object.values(after)).not.toContain(undefined)
      expect(Object.isFrozen(after)).toBe(true)
    })
  })

  test('an item stays the item that it is', () => {
    forEachStep((before, event, after) => {
      expect(after.id).toBe('item')
      expect(after.addedAt).toBe(1)
      expect(after.metadata).toBe(fresh.metadata)
      const isOtherFile = event.type === 'fileReplaced' || event.type === 'prepared'
      expect(isOtherFile || (after.name === before.name && after.size === before.size)).toBe(true)
    })
  })

  test('a word on an open channel moves no phase, names no operation and is not remembered', () => {
    forEachStep((before, event, after) => {
      const isOpen = event.type === 'heard'
      const what = ({ phase, operationId, attempt, paused, server }: UploadItem) => [
        phase,
        operationId,
        attempt,
        paused,
        server?.seen.version,
      ]
      expect(isOpen ? what(after) : []).toEqual(isOpen ? what(before) : [])
    })
  })

  test('only what waits for its transfer is paused', () => {
    forEachStep((_before, _event, after) => {
      expect(!after.paused || ['queued', 'preparing', 'ready', 'waiting'].includes(after.phase)).toBe(true)
    })
  })

  test('a fact that was taken is not taken again', () => {
    forEachStep((_before, event, after) => {
      // In the phase that they lead to, the same may come once more: another plan, and the acknowledgement of its bytes.
      const isRepeatable = event.type === 'transferred' || event.type === 'planned'
      expect(isRepeatable || transition(after, event) === after).toBe(true)
    })
  })

  test('bytes are whole, within the size, and never fewer within one attempt while it lasts', () => {
    forEachStep((before, event, after) => {
      const bytes = sentBytes(after)
      expect(Number.isInteger(bytes)).toBe(true)
      expect(bytes).toBeGreaterThanOrEqual(0)
      expect(bytes).toBeLessThanOrEqual(after.size)
      const goesOn = isUnfinished(before) && isUnfinished(after) && before.phase !== 'processing'
      const mayFall = !goesOn || before.attempt !== after.attempt || event.type === 'fileReplaced'
      expect(mayFall || bytes >= sentBytes(before)).toBe(true)
    })
  })

  test("a server's end is undone by a newer version, by the plan of the next attempt, or by the user, alone", () => {
    forEachStep((before, event, after) => {
      expect(!isServersEnd(before) || after.phase === before.phase || mayUndo(before, event)).toBe(true)
    })
  })

  test('the version of an operation never goes back', () => {
    forEachStep((before, _event, after) => {
      const isSame = before.operationId === after.operationId
      expect(!isSame || (after.server?.seen.version ?? -1) >= (before.server?.seen.version ?? -1)).toBe(true)
    })
  })
})

/** Whether the server's last word ended the item, and it has not been begun anew since. */
function isServersEnd({ server, phase, ...item }: UploadItem): boolean {
  const isEnd = phase === 'completed' || (phase === 'failed' && 'by' in item && item.by === 'server')
  return isEnd && server !== undefined && isTerminal(server.status)
}

function mayUndo({ phase, server, attempt }: UploadItem, event: ItemEvent): boolean {
  // The server itself has begun the next attempt.
  if (event.type === 'planned') return phase === 'failed' && (event.attempt ?? 0) > attempt
  if (event.type !== 'serverSaid') return phase === 'failed' && (event.type === 'requeued' || event.type === 'fileReplaced')
  const isNewer = (event.update.version ?? -1) > (server?.seen.version ?? -1)
  // "Between two terminal words the snapshot decides."
  return isNewer || (event.source === 'snapshot' && isTerminal(event.update.status))
}
