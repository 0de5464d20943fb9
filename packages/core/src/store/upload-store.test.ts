import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { UploadError } from '../errors.js'
import type { UploadItem } from '../item/item.js'
import { hear, sentBytes, type OwnEvent } from '../item/machine.js'
import { newItem } from '../item/new-item.js'
import type { OperationStatus } from '../protocol/index.js'
import { createTestEnvironment } from '../testing/test-environment.js'
import type { UploadSummary } from './summary.js'
import { createUploadStore, type Commit } from './upload-store.js'

const itemOf = (id: string, size = 100): UploadItem => newItem({ id, file: { name: id, size, type: '' }, addedAt: 0 })
const itemsOf = (count: number) => Array.from({ length: count }, (_, index) => itemOf(`id${index}`))
const started: OwnEvent = { type: 'started' }
const planned: OwnEvent = { type: 'planned', operationId: 'op' }
const slotTaken: OwnEvent = { type: 'slotTaken' }
const progressed = (bytes: number): OwnEvent => ({ type: 'progressed', sentBytes: bytes })

function setUp(items: readonly UploadItem[] = []) {
  const environment = createTestEnvironment()
  let listened = 0
  const store = createUploadStore({ environment, onListened: () => (listened += 1) })
  const commits: Commit[] = []
  store.onCommit((commit) => commits.push(commit))
  store.add(items)
  environment.paint()
  commits.length = 0
  return { environment, store, commits, listened: () => listened }
}

describe('a change', () => {
  test('is committed at once: whoever asks next sees it', () => {
    const { store } = setUp([itemOf('a')])
    const after = store.dispatch('a', started)
    expect(after?.phase).toBe('preparing')
    expect(store.get('a')).toBe(after)
    expect(store.items()).toEqual([after])
    expect(store.$item('a').get()).toBe(after)
    expect(store.$summary.get()).toMatchObject({ total: 1, queued: 1 })
  })

  test('is told to views at the next frame, once', () => {
    const { store, environment } = setUp([itemOf('a')])
    const heard: unknown[] = []
    store.$item('a').listen((item) => heard.push(item?.phase))
    for (const event of [started, planned, slotTaken, progressed(10)]) store.dispatch('a', event)
    expect(heard).toEqual([])
    environment.paint()
    expect(heard).toEqual(['uploading'])
    environment.paint()
    expect(heard).toEqual(['uploading'])
  })

  test('is told to views at once by flush, and not again at the frame', () => {
    const { store, environment } = setUp()
    const heard: unknown[] = []
    store.$ids.listen((ids) => heard.push(ids))
    store.add([itemOf('a'), itemOf('b')])
    store.flush()
    expect(heard).toEqual([['a', 'b']])
    environment.paint()
    expect(heard).toHaveLength(1)
  })

  test('that changes nothing is told to nobody', () => {
    const { store, environment, commits } = setUp([itemOf('a')])
    const heard: unknown[] = []
    for (const view of [store.$ids, store.$summary, store.$item('a')]) view.listen((value) => heard.push(value))
    const before = store.get('a')
    expect(store.dispatch('a', slotTaken)).toBe(before)
    expect(store.dispatch('unknown', started)).toBeUndefined()
    store.remove(['unknown'])
    store.setHeld(false)
    store.move('a', 0)
    store.flush()
    environment.paint()
    expect(heard).toEqual([])
    expect(commits).toEqual([])
  })

  test('of one item does not make the others tell anything', () => {
    const { store, environment } = setUp([itemOf('a'), itemOf('b')])
    const heard: string[] = []
    store.$ids.listen(() => heard.push('ids'))
    store.$item('a').listen(() => heard.push('a'))
    store.$item('b').listen(() => heard.push('b'))
    store.dispatch('a', started)
    environment.paint()
    expect(heard).toEqual(['a'])
  })

  test('that leaves the totals as they are does not make the summary tell anything', () => {
    const { store, environment } = setUp([itemOf('a')])
    const heard: unknown[] = []
    store.$summary.listen((summary) => heard.push(summary))
    store.dispatch('a', { type: 'reprioritised', priority: 9 })
    store.dispatch('a', started)
    environment.paint()
    expect(heard).toEqual([])
  })

  test('is told to nobody any more after the store was disposed', () => {
    const { store, environment } = setUp([itemOf('a')])
    const heard: unknown[] = []
    store.$item('a').listen((item) => heard.push(item))
    store.dispatch('a', started)
    store.dispose()
    store.dispatch('a', planned)
    environment.paint()
    expect(heard).toEqual([])
    expect(store.get('a')?.phase).toBe('ready')
  })
})

describe('an event among ten thousand items', () => {
  test('looks at its own item alone', () => {
    let looks = 0
    const watched = itemsOf(10_000).map((item) => {
      const { size, phase } = item
      return Object.defineProperties(
        { ...item },
        {
          size: { enumerable: true, get: () => ((looks += 1), size) },
          phase: { enumerable: true, get: () => ((looks += 1), phase) },
        },
      )
    })
    const { store, environment } = setUp(watched)
    store.$summary.listen(() => {})
    store.$ids.listen(() => {})
    looks = 0
    store.dispatch('id5000', started)
    environment.paint()
    const own = looks
    expect(own).toBeGreaterThan(0)
    // From here on it is an object of the machine's making: what is looked at now would be the others.
    for (const event of [planned, slotTaken, progressed(10)]) store.dispatch('id5000', event)
    environment.paint()
    store.$summary.get()
    expect(looks).toBe(own)
    expect(own).toBeLessThan(50)
  })

  test('tells its own view alone, and the summary', () => {
    const { store, environment } = setUp(itemsOf(10_000))
    const told: string[] = []
    for (const id of store.ids()) store.$item(id).listen(() => told.push(id))
    store.$summary.listen(() => told.push('summary'))
    store.$ids.listen(() => told.push('ids'))
    const lookUps = vi.spyOn(Map.prototype, 'get')
    store.dispatch('id5000', started)
    store.dispatch('id5000', { type: 'cancelled' })
    environment.paint()
    const count = lookUps.mock.calls.length
    lookUps.mockRestore()
    expect([...told].sort()).toEqual(['id5000', 'summary'])
    expect(count).toBeLessThan(50)
  })
})

describe('the engine hears of each commit', () => {
  test('with what was, what is, and why', () => {
    const { store, commits } = setUp()
    const a = itemOf('a')
    store.add([a])
    const preparing = store.dispatch('a', started)
    store.remove(['a', 'a'])
    expect(commits).toEqual([
      { id: 'a', before: undefined, after: a },
      { id: 'a', before: a, after: preparing, event: started },
      { id: 'a', before: preparing, after: undefined },
    ])
  })

  test('in the order in which they were made, also of those that its own reaction makes', () => {
    const { store } = setUp([itemOf('a')])
    const heard: string[] = []
    store.onCommit(({ after, event }) => {
      heard.push(`first ${after?.phase}`)
      if (event?.type === 'started') heard.push(`made ${store.dispatch('a', planned)?.phase}`)
    })
    store.onCommit(({ after }) => heard.push(`second ${after?.phase}`))
    store.dispatch('a', started)
    expect(heard).toEqual(['first preparing', 'made ready', 'second preparing', 'first ready', 'second ready'])
  })

  test('of several additions one after the other, each when all of them are there', () => {
    const { store } = setUp()
    const heard: unknown[] = []
    store.onCommit(({ id }) => heard.push([id, store.ids().length]))
    store.add([itemOf('a'), itemOf('b')])
    expect(heard).toEqual([
      ['a', 2],
      ['b', 2],
    ])
  })

  test('although another listener throws, which is reported', () => {
    const environment = createTestEnvironment()
    const store = createUploadStore({ environment, onListened: () => {} })
    const error = new Error('mine')
    store.onCommit(() => {
      throw error
    })
    const heard: unknown[] = []
    store.onCommit(({ id }) => heard.push(id))
    store.add([itemOf('a'), itemOf('b')])
    store.dispatch('a', started)
    expect(heard).toEqual(['a', 'b', 'a'])
    expect(environment.errors).toEqual([error, error, error])
  })
})

describe('the view of an item', () => {
  test('answers nothing for an item that is not there, and tells when it comes and goes', () => {
    const { store } = setUp()
    const view = store.$item('a')
    const heard: unknown[] = []
    view.subscribe((item) => heard.push(item?.phase))
    store.add([itemOf('a')])
    store.flush()
    store.remove(['a'])
    store.flush()
    expect(heard).toEqual([undefined, 'queued', undefined])
    expect(view.get()).toBeUndefined()
  })

  test('costs nothing while nobody listens', () => {
    const { store, environment } = setUp(itemsOf(3))
    const heard: unknown[] = []
    const stop = store.$item('id0').listen((item) => heard.push(item))
    stop()
    store.dispatch('id0', started)
    environment.paint()
    expect(heard).toEqual([])
  })

  test('may be had more than once, each with listeners of its own', () => {
    const { store, environment } = setUp([itemOf('a')])
    const heard: string[] = []
    const stop = store.$item('a').listen(() => heard.push('one'))
    store.$item('a').listen(() => heard.push('other'))
    store.dispatch('a', started)
    environment.paint()
    stop()
    store.dispatch('a', planned)
    environment.paint()
    expect(heard).toEqual(['one', 'other', 'other'])
  })

  test('reports a listener that throws, and tells the views after it', () => {
    const { store, environment } = setUp([itemOf('a')])
    const heard: unknown[] = []
    const error = new Error('mine')
    store.$item('a').listen(() => {
      throw error
    })
    store.$item('a').listen((item) => heard.push(item?.phase))
    store.dispatch('a', started)
    environment.paint()
    expect(heard).toEqual(['preparing'])
    expect(environment.errors).toEqual([error])
  })

  test('may change the store while it is told, and is told of that at the next frame', () => {
    const { store, environment } = setUp([itemOf('a')])
    const heard: unknown[] = []
    store.$item('a').listen((item) => {
      heard.push(item?.phase)
      store.dispatch('a', planned)
    })
    store.dispatch('a', started)
    environment.paint()
    expect(heard).toEqual(['preparing'])
    environment.paint()
    expect(heard).toEqual(['preparing', 'ready'])
  })

  test.each(['$ids', '$summary'] as const)('and %s say when somebody begins to listen', (name) => {
    const { store, listened } = setUp([itemOf('a')])
    store[name].listen(() => {})
    expect(listened()).toBe(1)
    store.$item('a').listen(() => {})
    expect(listened()).toBe(2)
  })
})

describe('an operation', () => {
  test('leads to the item whose current attempt it is', () => {
    const { store } = setUp([itemOf('a')])
    expect(store.byOperation('op')).toBeUndefined()
    store.dispatch('a', started)
    store.dispatch('a', planned)
    expect(store.byOperation('op')).toBe(store.get('a'))
    store.dispatch('a', { type: 'interrupted', reason: 'backoff', error: new UploadError('server', 'No.') })
    store.dispatch('a', { type: 'requeued' })
    store.dispatch('a', started)
    store.dispatch('a', { type: 'planned', operationId: 'op2', attempt: 2 })
    expect(store.byOperation('op')).toBeUndefined()
    expect(store.byOperation('op2')).toBe(store.get('a'))
    store.remove(['a'])
    expect(store.byOperation('op2')).toBeUndefined()
  })

  test('that a server gave twice leads to the later item, also when the earlier one goes', () => {
    const { store } = setUp([itemOf('a'), itemOf('b')])
    for (const id of ['a', 'b']) {
      store.dispatch(id, started)
      store.dispatch(id, planned)
    }
    store.remove(['a'])
    expect(store.byOperation('op')).toBe(store.get('b'))
  })
})

describe('the order', () => {
  test('is that of the ids, of the items and of the ranks', () => {
    const { store } = setUp(itemsOf(3))
    expect(store.move('id2', 0)).toBe(true)
    expect(store.ids()).toEqual(['id2', 'id0', 'id1'])
    expect(store.$ids.get()).toEqual(['id2', 'id0', 'id1'])
    expect(store.items().map(({ id }) => id)).toEqual(['id2', 'id0', 'id1'])
    expect(store.rank('id2')).toBeLessThan(store.rank('id0'))
  })
})

describe('a held queue', () => {
  test('is said in the summary', () => {
    const { store, environment } = setUp()
    const heard: boolean[] = []
    store.$summary.listen(({ held }) => heard.push(held))
    store.setHeld(true)
    expect(store.isHeld()).toBe(true)
    expect(store.$summary.get().held).toBe(true)
    environment.paint()
    store.setHeld(false)
    environment.paint()
    expect(heard).toEqual([true, false])
  })
})

test('the summary tells the measured speed and the time that is left', async () => {
  const { store, environment } = setUp([itemOf('a', 100_000)])
  for (const event of [started, planned, slotTaken, progressed(0)]) store.dispatch('a', event)
  for (let second = 1; second <= 10; second += 1) {
    await environment.clock.advance(1000)
    store.dispatch('a', progressed(second * 1000))
  }
  const { bytesPerSecond, secondsLeft } = store.$summary.get()
  expect(bytesPerSecond).toBeCloseTo(1000, 0)
  expect(secondsLeft).toBeCloseTo(90, 0)
})

// -- properties ---------------------------------------------------------------------------------------------------------------------------

function recount(items: readonly UploadItem[]): Partial<UploadSummary> {
  const count = (is: (item: UploadItem) => boolean) => items.filter(is).length
  const sum = (of: (item: UploadItem) => number) => items.map(of).reduce((a, b) => a + b, 0)
  const isGone = ({ phase }: UploadItem) => phase === 'failed' || phase === 'cancelled'
  return {
    total: items.length,
    queued: count(({ phase, paused }) => !paused && (phase === 'queued' || phase === 'preparing' || phase === 'ready')),
    active: count(({ phase }) => phase === 'uploading'),
    waiting: count(({ phase, paused }) => !paused && phase === 'waiting'),
    paused: count(({ paused }) => paused),
    processing: count(({ phase }) => phase === 'processing'),
    completed: count(({ phase }) => phase === 'completed'),
    failed: count(({ phase }) => phase === 'failed'),
    cancelled: count(({ phase }) => phase === 'cancelled'),
    totalBytes: sum((item) => (isGone(item) ? 0 : item.size)),
    sentBytes: sum((item) => (isGone(item) ? 0 : sentBytes(item))),
  }
}

const ids = Array.from({ length: 6 }, (_, index) => `id${index}`)
const statuses = fc.constantFrom<OperationStatus>('in_progress', 'completed', 'failed', 'cancelled')
const event: fc.Arbitrary<OwnEvent> = fc.oneof(
  fc.constantFrom<OwnEvent>(
    started,
    slotTaken,
    { type: 'planned' },
    { type: 'planExpired' },
    { type: 'stopped' },
    { type: 'transferred', final: false },
    { type: 'interrupted', reason: 'backoff', error: new UploadError('network', 'Lost.') },
    { type: 'failed', error: new UploadError('rejected', 'No.') },
    { type: 'requeued' },
    { type: 'fileReplaced', file: { name: 'other', size: 7, type: '' } },
    { type: 'paused' },
    { type: 'resumed' },
    { type: 'cancelled' },
    { type: 'reprioritised', priority: 1 },
  ),
  fc.oneof(fc.integer({ min: 0, max: 120 }), fc.double()).map(progressed),
)
const step = fc.oneof(
  { weight: 20, arbitrary: fc.record({ do: fc.constant('dispatch' as const), id: fc.constantFrom(...ids), event }) },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('say' as const), id: fc.constantFrom(...ids), status: statuses, version: fc.nat(9) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('add' as const), id: fc.constantFrom(...ids), size: fc.nat(100) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('remove' as const), id: fc.constantFrom(...ids) }) },
  { weight: 1, arbitrary: fc.constant({ do: 'paint' as const }) },
)

test('after anything that can happen, the summary is what a count of all items gives, and every view was told the truth', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120, size: 'max' }), (steps) => {
      const { store, environment } = setUp(ids.slice(0, 4).map((id) => itemOf(id)))
      const told = new Map<string, unknown>()
      store.$ids.subscribe((value) => told.set('ids', value))
      store.$summary.subscribe((value) => told.set('summary', value))
      for (const id of ids) store.$item(id).subscribe((value) => told.set(id, value))
      for (const next of steps) {
        if (next.do === 'dispatch') store.dispatch(next.id, next.event)
        else if (next.do === 'say') {
          const { id, status, version } = next
          const operation = { operation_id: `op-${id}`, operation_type: 'upload', timestamp: '2026-01-01T00:00:00Z', progress: 0 } as const
          store.dispatchBy(hear, id, { type: 'serverSaid', update: { ...operation, client_ref: id, status, version } })
        } else if (next.do === 'add' && store.get(next.id) === undefined) store.add([itemOf(next.id, next.size)])
        else if (next.do === 'remove') store.remove([next.id])
        else if (next.do === 'paint') environment.paint()
        expect(store.$summary.get()).toMatchObject(recount(store.items()))
      }
      environment.paint()
      expect(told.get('ids')).toBe(store.ids())
      expect(told.get('summary')).toBe(store.$summary.get())
      for (const id of ids) expect(told.get(id)).toBe(store.get(id))
      expect(environment.errors).toEqual([])
    }),
  )
})
