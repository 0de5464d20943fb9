import { describe, expect, test } from 'vitest'
import { createTestEnvironment } from '../testing/test-environment.js'
import {
  createOptimisticCollection,
  type OptimisticCollection,
  type OptimisticCollectionOptions,
  type RowConflict,
} from './optimistic-collection.js'

interface Photo {
  readonly id: string
  readonly title: string
  readonly version?: number
  readonly updated_at?: string
  readonly client_ref?: string | null
  readonly tags?: readonly string[]
}

const photo = (id: string, title: string, version = 1): Photo => ({ id, title, version })

function start(rows: readonly Photo[] = [], options: OptimisticCollectionOptions<Photo> = {}): OptimisticCollection<Photo> {
  const photos = createOptimisticCollection<Photo>({ nextFrame: createTestEnvironment().nextFrame, ...options })
  for (const row of rows) photos.applyRemote({ eventType: 'INSERT', new: row })
  return photos
}

/** The list as `title` of what is confirmed, `title…` of what is pending, `title!` of what failed. */
const shown = (photos: OptimisticCollection<Photo>) =>
  photos.list().map(({ value, status }) => `${value.title}${{ confirmed: '', pending: '…', failed: '!' }[status]}`)

describe('a change', () => {
  test('is shown at once, and is confirmed by the answer of the server', () => {
    const photos = start()
    photos.addOptimistic('t1', photo('t1', 'Sea'))
    expect(shown(photos)).toEqual(['Sea…'])
    photos.confirm('t1', photo('7', 'Sea', 3))
    expect(photos.list()).toEqual([{ key: 't1', id: '7', value: photo('7', 'Sea', 3), status: 'confirmed', error: undefined, changes: [] }])
    expect(photos.get('7')).toBe(photos.get('t1'))
  })

  test('of a row, and its removal, are shown at once', () => {
    const photos = start([photo('1', 'Sea'), photo('2', 'Hill')])
    photos.updateOptimistic('u', '1', { title: 'Lake' })
    photos.removeOptimistic('r', '2')
    expect(shown(photos)).toEqual(['Lake…'])
    photos.confirm('u', photo('1', 'Lake', 2))
    photos.confirm('r')
    expect(shown(photos)).toEqual(['Lake'])
  })

  test('that the server confirms without telling the row is kept as it was made', () => {
    const photos = start([photo('1', 'Sea')])
    photos.updateOptimistic('u', '1', { title: 'Lake' })
    photos.confirm('u')
    photos.addOptimistic('t', photo('t', 'Hill'))
    photos.confirm('t')
    expect(shown(photos)).toEqual(['Lake', 'Hill'])
  })

  test('can be made to a row whose own addition is still pending', () => {
    const photos = start()
    photos.addOptimistic('t', photo('t', 'Sea'))
    photos.updateOptimistic('u', 't', { title: 'Lake' })
    photos.confirm('t', photo('7', 'Sea'))
    expect(shown(photos)).toEqual(['Lake…'])
    photos.updateOptimistic('u2', '7', { tags: ['blue'] })
    photos.confirm('u', photo('7', 'Lake', 2))
    expect(photos.list()[0]).toMatchObject({ key: 't', status: 'pending', value: { title: 'Lake', tags: ['blue'] } })
  })

  test('of a row that is not known does nothing, and neither does the end of a change that is not known', () => {
    const photos = start()
    photos.updateOptimistic('u', 'nobody', { title: 'Lake' })
    photos.removeOptimistic('r', 'nobody')
    photos.confirm('x')
    photos.rollback('x')
    expect(photos.retry('x')).toEqual([])
    photos.dismiss('x')
    expect(photos.list()).toEqual([])
  })
})

describe('several changes in flight', () => {
  test('to a row that is told before its addition is answered hold in the order in which they were made', () => {
    const photos = start()
    photos.addOptimistic('t1', photo('', 'Sea'))
    photos.applyRemote({ eventType: 'INSERT', new: photo('7', 'Sea') })
    photos.updateOptimistic('a', '7', { title: 'First' })
    photos.updateOptimistic('b', 't1', { title: 'Second' })
    photos.confirm('t1', photo('7', 'Sea'))
    expect(shown(photos)).toEqual(['Second…'])
  })

  test('end in any order, and one that fails takes nothing of the others with it', () => {
    const photos = start([photo('1', 'Sea')])
    photos.updateOptimistic('a', '1', { title: 'Lake' })
    photos.updateOptimistic('b', '1', ({ title, ...row }) => ({ ...row, title: `${title}!` }))
    photos.updateOptimistic('c', '1', { tags: ['blue'] })
    expect(photos.list()[0]?.value).toMatchObject({ title: 'Lake!', tags: ['blue'] })
    photos.rollback('a', 'refused')
    expect(photos.list()[0]?.value).toMatchObject({ title: 'Sea!', tags: ['blue'] })
    photos.confirm('c', { ...photo('1', 'Sea', 2), tags: ['blue'] })
    expect(photos.list()[0]?.value).toMatchObject({ title: 'Sea!', tags: ['blue'], version: 2 })
  })
})

describe('what failed', () => {
  test('stays with its error until it is tried again', () => {
    const photos = start()
    photos.addOptimistic('t', photo('t', 'Sea'))
    photos.rollback('t', 'no room')
    expect(photos.list()[0]).toMatchObject({ status: 'failed', error: 'no room', value: { title: 'Sea' } })
    expect(photos.retry('t')).toMatchObject([{ id: 't', kind: 'add' }])
    expect(photos.list()[0]).toMatchObject({ status: 'pending', error: undefined })
    photos.confirm('t', photo('7', 'Sea'))
    expect(shown(photos)).toEqual(['Sea'])
  })

  test('stays until it is dismissed, and with an addition goes all that was to be done to it', () => {
    const photos = start([photo('1', 'Sea'), photo('2', 'Hill')])
    photos.addOptimistic('t', photo('t', 'Lake'))
    photos.updateOptimistic('u', 't', { title: 'Pond' })
    photos.updateOptimistic('v', '1', { title: 'Ocean' })
    photos.removeOptimistic('r', '2')
    for (const id of ['t', 'v', 'r']) photos.rollback(id, 'refused')
    expect(shown(photos)).toEqual(['Sea!', 'Hill!', 'Pond!'])
    for (const id of ['t', '1', 'r']) photos.dismiss(id)
    expect(shown(photos)).toEqual(['Sea', 'Hill'])
    photos.confirm('u', photo('9', 'Pond'))
    expect(shown(photos)).toEqual(['Sea', 'Hill', 'Pond'])
  })

  test('is shown although the server has deleted the row meanwhile', () => {
    const photos = start([photo('1', 'Sea')])
    photos.updateOptimistic('u', '1', { title: 'Lake' })
    photos.applyRemote({ eventType: 'DELETE', old: { id: '1' } })
    expect(shown(photos)).toEqual(['Lake…'])
    photos.rollback('u', 'not found')
    expect(shown(photos)).toEqual(['Sea!'])
    photos.dismiss('u')
    expect(shown(photos)).toEqual([])
  })

  test('was done after all, where the server tells so', () => {
    const photos = start()
    photos.addOptimistic('t', photo('t', 'Sea'))
    photos.rollback('t', 'no answer')
    photos.applyRemote({ eventType: 'INSERT', new: { ...photo('7', 'Sea'), client_ref: 't' } })
    expect(shown(photos)).toEqual(['Sea'])
  })
})

describe('the row of an addition', () => {
  test('may be told before it is confirmed, and confirms it by its client_ref', () => {
    const photos = start()
    photos.addOptimistic('t', photo('t', 'Sea'))
    const row = { ...photo('7', 'Sea'), client_ref: 't' }
    photos.applyRemote({ eventType: 'INSERT', new: row })
    const [before] = photos.list()
    expect(before).toMatchObject({ key: 't', id: '7', status: 'confirmed' })
    photos.confirm('t', row)
    photos.rollback('t', 'late')
    expect(photos.list()).toEqual([before])
    expect(photos.list()[0]).toBe(before)
  })

  test('is the same row where no client_ref says so, from the confirmation on', () => {
    const photos = start()
    photos.addOptimistic('t', photo('t', 'Sea'))
    photos.applyRemote({ eventType: 'INSERT', new: photo('7', 'Sea', 1) })
    photos.updateOptimistic('u', '7', { tags: ['blue'] })
    photos.confirm('t', photo('7', 'Sea', 1))
    expect(photos.list()).toMatchObject([{ key: 't', id: '7', status: 'pending', value: { title: 'Sea', tags: ['blue'] } }])
    photos.confirm('u', { ...photo('7', 'Sea', 2), tags: ['blue'] })
    expect(shown(photos)).toEqual(['Sea'])
  })

  test('is not shown once it is confirmed, where the server has deleted it already', () => {
    const photos = start()
    photos.addOptimistic('t', photo('t', 'Sea'))
    photos.applyRemote({ eventType: 'DELETE', old: { id: '7' } })
    photos.confirm('t', photo('7', 'Sea'))
    expect(photos.list()).toEqual([])
  })

  test('confirms it where it was added under the id that it has on the server', () => {
    const photos = start()
    photos.addOptimistic('7', photo('7', 'Sea', 0))
    photos.applyRemote({ eventType: 'INSERT', new: photo('7', 'Sea, as the server has it') })
    expect(shown(photos)).toEqual(['Sea, as the server has it'])
    photos.confirm('7')
    photos.rollback('7', 'late')
    expect(shown(photos)).toEqual(['Sea, as the server has it'])
  })

  test('is not confirmed by a late word of the row that had its id before', () => {
    const photos = start([photo('7', 'Sea', 2)])
    photos.applyRemote({ eventType: 'DELETE', old: { id: '7' } })
    photos.addOptimistic('7', photo('7', 'Sea again', 0))
    photos.applyRemote({ eventType: 'INSERT', new: photo('7', 'Sea', 2) })
    expect(shown(photos)).toEqual(['Sea again…'])
    photos.applyRemote({ eventType: 'INSERT', new: photo('7', 'Sea again', 3) })
    expect(shown(photos)).toEqual(['Sea again'])
  })

  test('stays where it is on the server, though a second addition of it is dismissed', () => {
    const photos = start([photo('7', 'Sea')])
    photos.addOptimistic('7', photo('7', 'Lake'))
    photos.rollback('7', 'there is one')
    photos.dismiss('7')
    expect(shown(photos)).toEqual(['Sea'])
  })

  test('belongs to another change where another row has its client_ref', () => {
    const photos = start([photo('1', 'Sea')])
    photos.updateOptimistic('u', '1', { title: 'Lake' })
    photos.applyRemote({ eventType: 'INSERT', new: { ...photo('2', 'Hill'), client_ref: 'u' } })
    expect(shown(photos)).toEqual(['Lake…', 'Hill'])
  })
})

describe('what the server tells', () => {
  test('counts once, in the order of versions', () => {
    const photos = start([photo('1', 'Sea', 2)])
    const [before] = photos.list()
    photos.applyRemote({ eventType: 'UPDATE', new: photo('1', 'old', 1) })
    photos.applyRemote({ eventType: 'UPDATE', new: photo('1', 'Sea', 2) })
    expect(photos.list()[0]).toBe(before)
    photos.applyRemote({ eventType: 'UPDATE', new: photo('1', 'Lake', 10) })
    photos.applyRemote({ eventType: 'UPDATE', new: photo('1', 'Pond', 9) })
    expect(shown(photos)).toEqual(['Lake'])
  })

  test.each([
    ['2026-01-01T10:00:00.5Z', '2026-01-01T10:00:00.500001Z'],
    ['2026-01-01T10:00:00.5+00:00', '2026-01-01T10:00:00.500001+00:00'],
    ['2026-01-01T12:00:00+02:00', '2026-01-01T10:00:01Z'],
    ['2026-01-01 10:00:00.123+00', '2026-01-01 10:00:00.1234+00'],
  ])('is ordered by updated_at where there is no version: %s is before %s', (earlier, later) => {
    const row = (title: string, updated_at: string) => ({ id: '1', title, updated_at })
    const photos = start([row('Lake', later)])
    photos.applyRemote({ eventType: 'UPDATE', new: row('Sea', earlier) })
    expect(shown(photos)).toEqual(['Lake'])
    photos.applyRemote({ eventType: 'UPDATE', new: row('Pond', later) })
    expect(shown(photos)).toEqual(['Pond'])
  })

  test('has versions of 64 bits as text', () => {
    const photos = start([photo('1', 'Sea')], { version: ({ client_ref }) => client_ref })
    photos.applyRemote({ eventType: 'UPDATE', new: { ...photo('1', 'ten'), client_ref: '10' } })
    photos.applyRemote({ eventType: 'UPDATE', new: { ...photo('1', 'nine'), client_ref: '9' } })
    expect(shown(photos)).toEqual(['ten'])
  })

  test('keeps what it leaves out', () => {
    const photos = start([{ ...photo('1', 'Sea'), tags: ['blue'] }])
    photos.applyRemote({ eventType: 'UPDATE', new: photo('1', 'Lake', 2) })
    expect(photos.list()[0]?.value).toEqual({ ...photo('1', 'Lake', 2), tags: ['blue'] })
  })

  test('of a deleted row, but late, does not bring it back; that it was written again does', () => {
    const photos = start([photo('1', 'Sea', 2)])
    photos.applyRemote({ eventType: 'DELETE', old: { id: '1' } })
    photos.applyRemote({ eventType: 'INSERT', new: photo('1', 'Sea', 1) })
    photos.applyRemote({ eventType: 'UPDATE', new: photo('1', 'Sea', 3) })
    photos.applyRemote({ eventType: 'DELETE', old: { id: '1' } })
    expect(shown(photos)).toEqual([])
    photos.applyRemote({ eventType: 'INSERT', new: photo('1', 'Sea', 3) })
    expect(shown(photos)).toEqual(['Sea'])
  })

  test('of a deleted row, but late, is shown as far as something is still to be done to it', () => {
    const photos = start()
    photos.addOptimistic('t', photo('t', 'Sea'))
    photos.applyRemote({ eventType: 'DELETE', old: { id: '7' } })
    photos.updateOptimistic('u', 't', { tags: ['blue'] })
    photos.applyRemote({ eventType: 'INSERT', new: { ...photo('7', 'Sea'), client_ref: 't' } })
    expect(photos.list().map(({ value }) => value)).toEqual([{ ...photo('7', 'Sea'), client_ref: 't', tags: ['blue'] }])
    photos.rollback('u', 'deleted')
    photos.dismiss('u')
    expect(photos.list()).toEqual([])
  })

  test('without an id is not understood, and changes nothing', () => {
    const photos = start()
    const row: Partial<Photo> = { title: 'Sea' }
    photos.applyRemote({ eventType: 'DELETE', old: row })
    photos.applyRemote(JSON.parse('{"eventType":"INSERT","new":{},"old":{},"errors":["Error 401: Unauthorized"]}'))
    expect(photos.list()).toEqual([])
  })

  test('that a row of somebody else is deleted changes nothing that is shown', () => {
    const { nextFrame, paint } = createTestEnvironment()
    const photos = start([photo('1', 'Sea')], { nextFrame })
    paint()
    const told: unknown[] = []
    photos.$rows.listen((rows) => told.push(rows))
    photos.applyRemote({ eventType: 'DELETE', old: { id: 'somebody else’s' } })
    paint()
    expect(told).toEqual([])
    photos.applyRemote({ eventType: 'DELETE', old: { id: '1' } })
    paint()
    expect(told).toEqual([[]])
  })

  test('of deleted rows is not remembered for ever', () => {
    const photos = start()
    for (let id = 0; id < 1500; id += 1) photos.applyRemote({ eventType: 'DELETE', old: { id: `${id}` } })
    photos.list()
    for (let id = 0; id < 1500; id += 1) photos.applyRemote({ eventType: 'UPDATE', new: photo(`${id}`, 'late') })
    expect(photos.list()).toHaveLength(500)
  })

  test('of deleted rows is remembered of those that were deleted last, whenever they came', async () => {
    const photos = start([photo('mine', 'Sea')])
    for (let id = 0; id < 1500; id += 1) photos.applyRemote({ eventType: 'DELETE', old: { id: `${id}` } })
    photos.list()
    await photos.load(async () => {
      for (const id of ['mine', 'other']) photos.applyRemote({ eventType: 'DELETE', old: { id } })
      photos.list()
      return [photo('mine', 'Sea'), photo('other', 'Hill')]
    })
    expect(shown(photos)).toEqual([])
  })
})

describe('a snapshot', () => {
  test('is all that there is, but for what was told while it was on its way', async () => {
    const photos = start([photo('1', 'Sea', 5), photo('2', 'gone'), photo('3', 'Hill')])
    photos.applyRemote({ eventType: 'DELETE', old: { id: '0' } })
    photos.addOptimistic('t', photo('t', 'Lake'))
    photos.updateOptimistic('u', '3', { title: 'Mount' })
    await photos.load(async () => {
      photos.applyRemote({ eventType: 'INSERT', new: photo('4', 'new') })
      photos.applyRemote({ eventType: 'DELETE', old: { id: '5' } })
      photos.confirm('t')
      return [photo('0', 'back'), photo('1', 'older', 4), photo('3', 'Hill', 2), photo('5', 'deleted meanwhile')]
    })
    expect(shown(photos)).toEqual(['Sea', 'Mount…', 'back', 'Lake', 'new'])
  })

  test.each([
    ['no version', undefined],
    ['the same version', 1],
  ])('of %s does not undo what was told while it was on its way', async (_, version) => {
    const photos = start([photo('1', 'Sea'), photo('2', 'Hill')], { version: () => version })
    await photos.load(async () => {
      photos.applyRemote({ eventType: 'UPDATE', new: photo('1', 'Lake') })
      return [photo('1', 'Sea'), photo('2', 'Mount')]
    })
    expect(shown(photos)).toEqual(['Lake', 'Mount'])
  })

  test('that is newer than what was told meanwhile counts', async () => {
    const photos = start([photo('1', 'Sea')])
    await photos.load(async () => {
      photos.applyRemote({ eventType: 'UPDATE', new: photo('1', 'Lake', 2) })
      return [photo('1', 'Pond', 3)]
    })
    expect(shown(photos)).toEqual(['Pond'])
  })

  test('that another one has overtaken does not count, and one that fails changes nothing', async () => {
    const photos = start([photo('1', 'Sea')])
    let answer = (_rows: readonly Photo[]) => {}
    const first = photos.load(() => new Promise<readonly Photo[]>((resolve) => (answer = resolve)))
    await photos.load(async () => [photo('1', 'Sea'), photo('2', 'Hill')])
    answer([])
    await first
    await expect(photos.load(() => Promise.reject(new Error('offline')))).rejects.toThrow('offline')
    expect(shown(photos)).toEqual(['Sea', 'Hill'])
  })
})

describe('a conflict', () => {
  const someoneElse = { eventType: 'UPDATE', new: photo('1', 'Ocean', 2) } as const

  function provoke(options: OptimisticCollectionOptions<Photo>) {
    const conflicts: RowConflict<Photo>[] = []
    const photos = start([photo('1', 'Sea')], { ...options, onConflict: (conflict) => conflicts.push(conflict) })
    photos.updateOptimistic('u', '1', { title: 'Lake' })
    return { photos, conflicts }
  }

  test('is told, and by default the change stays until the server answers', () => {
    const { photos, conflicts } = provoke({})
    photos.applyRemote(someoneElse)
    expect(conflicts).toMatchObject([{ change: { id: 'u' }, before: photo('1', 'Sea'), server: someoneElse.new }])
    expect(shown(photos)).toEqual(['Lake…'])
    photos.applyRemote(someoneElse)
    expect(conflicts).toHaveLength(1)
  })

  test('is lost where the server wins: the change failed, and can be tried again on the new row', () => {
    const { photos } = provoke({ conflict: 'server' })
    photos.applyRemote(someoneElse)
    expect(photos.list()[0]).toMatchObject({ value: someoneElse.new, status: 'failed', error: { server: someoneElse.new } })
    photos.retry('1')
    expect(shown(photos)).toEqual(['Lake…'])
    photos.confirm('u', photo('1', 'Lake', 3))
    expect(shown(photos)).toEqual(['Lake'])
  })

  test('is decided by a function', () => {
    const { photos } = provoke({ conflict: ({ server }) => (server === undefined ? 'server' : 'client') })
    photos.applyRemote(someoneElse)
    expect(shown(photos)).toEqual(['Lake…'])
    photos.applyRemote({ eventType: 'DELETE', old: { id: '1' } })
    expect(shown(photos)).toEqual(['Ocean!'])
  })

  test('is found by a snapshot, too', async () => {
    const { photos, conflicts } = provoke({})
    await photos.load(async () => [someoneElse.new])
    expect(conflicts).toHaveLength(1)
  })

  test('is none where the server tells of our own change, by its client_ref or by what it says', () => {
    const { photos, conflicts } = provoke({ conflict: 'server' })
    photos.updateOptimistic('v', '1', { tags: ['blue'] })
    photos.applyRemote({ eventType: 'UPDATE', new: photo('1', 'Lake', 2) })
    photos.confirm('u', photo('1', 'Lake', 2))
    photos.updateOptimistic('w', '1', { title: 'Pond' })
    photos.applyRemote({ eventType: 'UPDATE', new: { ...photo('1', 'Pond, says the server', 3), client_ref: 'w' } })
    photos.confirm('v', { ...photo('1', 'Pond, says the server', 4), tags: ['blue'] })
    expect(conflicts).toEqual([])
    expect(shown(photos)).toEqual(['Pond, says the server'])
  })

  test('is none where both have removed the row', () => {
    const photos = start([photo('1', 'Sea')], { conflict: 'server' })
    photos.removeOptimistic('r', '1')
    photos.applyRemote({ eventType: 'DELETE', old: { id: '1' } })
    photos.confirm('r')
    expect(photos.list()).toEqual([])
  })
})

describe('views', () => {
  test('are told once a frame, and rows that did not change are the same objects', () => {
    const world = createTestEnvironment()
    const rows = Array.from({ length: 10_000 }, (_, index) => photo(`${index}`, `photo ${index}`))
    const photos = start(rows, { nextFrame: world.nextFrame })
    world.paint()
    const before = photos.list()
    let told = 0
    photos.$rows.listen(() => (told += 1))
    photos.updateOptimistic('u', '5000', { title: 'Lake' })
    photos.applyRemote({ eventType: 'UPDATE', new: photo('7', 'Sea', 2) })
    expect(told).toBe(0)
    expect(world.frames()).toBe(1)
    world.paint()
    expect(told).toBe(1)
    const after = photos.$rows.get()
    expect(after).toBe(photos.list())
    expect(after.flatMap((row, index) => (row === before[index] ? [] : [row.value.title]))).toEqual(['Sea', 'Lake'])
  })

  test('are not told any more once it is disposed', () => {
    const world = createTestEnvironment()
    const photos = start([photo('1', 'Sea')], { nextFrame: world.nextFrame })
    photos.dispose()
    expect(world.frames()).toBe(0)
  })

  test('ask for no frame any more once it is disposed', () => {
    const world = createTestEnvironment()
    const photos = start([photo('1', 'Sea')], { nextFrame: world.nextFrame })
    world.paint()
    photos.dispose()
    photos.applyRemote({ eventType: 'INSERT', new: photo('2', 'Hill') })
    expect(world.frames()).toBe(0)
  })
})
