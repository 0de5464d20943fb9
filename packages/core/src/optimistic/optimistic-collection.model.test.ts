import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createTestEnvironment } from '../testing/test-environment.js'
import { createOptimisticCollection, type OptimisticCollection, type RemoteChange } from './optimistic-collection.js'

interface Note {
  readonly id: string
  readonly text: string
  readonly color: string
  readonly version: number
  readonly client_ref: string | null
}

type Do =
  | { readonly kind: 'add'; readonly id: string; readonly row: Note }
  | { readonly kind: 'update'; readonly id: string; readonly on: string; readonly update: Partial<Note> }
  | { readonly kind: 'remove'; readonly id: string; readonly on: string }

type Change = Do & { status: 'pending' | 'failed' }

/** The server, its words on their way, and what a page should show by the simplest rule that there is: everything is worked out anew each time. */
function createWorld(withRef: boolean) {
  const table = new Map<string, Note>()
  const words: RemoteChange<Note>[] = []
  const heard: RemoteChange<Note>[] = []
  const changes: Change[] = []
  /** The server's id of each row that the page has added, once the page may know it. */
  const named = new Map<string, string>()
  const answers = new Map<string, Note | undefined>()
  let ids = 0
  let versions = 0

  function write(row: Note, eventType: 'INSERT' | 'UPDATE'): Note {
    const written = { ...row, version: (versions += 1) }
    table.set(row.id, written)
    words.push({ eventType, new: written })
    return written
  }

  function erase(id: string): void {
    if (table.delete(id)) words.push({ eventType: 'DELETE', old: { id } })
  }

  /** The server does what was asked for; the page does not know it yet. Answers whether it could. */
  function perform(change: Change): boolean {
    const client_ref = withRef ? change.id : null
    if (change.kind === 'add') {
      answers.set(change.id, write({ ...change.row, id: `s${(ids += 1)}`, client_ref }, 'INSERT'))
      return true
    }
    const row = table.get(named.get(change.on) ?? change.on)
    if (row === undefined) return false
    if (change.kind === 'remove') erase(row.id)
    answers.set(change.id, change.kind === 'update' ? write({ ...row, ...change.update, client_ref }, 'UPDATE') : undefined)
    return true
  }

  function hear(word: RemoteChange<Note>): void {
    heard.push(word)
    if (word.eventType === 'DELETE') return
    const { id, client_ref } = word.new
    const index = changes.findIndex((change) => change.id === client_ref)
    const change = changes[index]
    if (change === undefined) return
    if (change.kind === 'add') named.set(change.id, id)
    changes.splice(index, 1)
  }

  function rows(): readonly string[] {
    const base = new Map<string, Note>()
    for (const word of heard) {
      if (word.eventType === 'DELETE' || (base.get(word.new.id)?.version ?? 0) >= word.new.version) continue
      base.set(word.new.id, word.new)
    }
    const gone = new Set(heard.flatMap((word) => (word.eventType === 'DELETE' ? [word.old.id] : [])))
    const adds = changes.flatMap((change) => (change.kind === 'add' ? [change.id] : []))
    const shown: string[] = []
    for (const id of new Set([...base.keys(), ...adds])) {
      const own = changes.filter((change) => (change.kind === 'add' ? change.id : (named.get(change.on) ?? change.on)) === id)
      const pending = own.filter(({ status }) => status === 'pending')
      if (pending.some(({ kind }) => kind === 'remove')) continue
      if ((!base.has(id) || gone.has(id)) && own.every(({ kind }) => kind === 'remove')) continue
      let row = base.get(id)
      for (const change of own) {
        if (change.kind === 'add') row = change.row
        if (change.kind === 'update' && change.status === 'pending' && row !== undefined) row = { ...row, ...change.update }
      }
      const status = own.some((change) => change.status === 'failed') ? 'failed' : own.length > 0 ? 'pending' : 'confirmed'
      shown.push(`${row?.text} ${row?.color} v${row?.version} ${status}`)
    }
    return shown.sort()
  }

  return { table, words, heard, changes, named, answers, newId: () => `s${(ids += 1)}`, write, erase, perform, hear, rows }
}

const shown = (notes: OptimisticCollection<Note>) =>
  notes
    .list()
    .map(({ value, status }) => `${value.text} ${value.color} v${value.version} ${status}`)
    .sort()

const step = fc.record({
  what: fc.constantFrom('add', 'update', 'remove', 'perform', 'answer', 'fail', 'retry', 'dismiss', 'other', 'word', 'again', 'look'),
  which: fc.nat(),
  also: fc.nat(),
})

const pick = <T>(all: readonly T[], which: number): T | undefined => all[which % Math.max(1, all.length)]

function run(withRef: boolean, steps: readonly { readonly what: string; readonly which: number; readonly also: number }[]): void {
  const world = createWorld(withRef)
  const { changes } = world
  const notes = createOptimisticCollection<Note>({ nextFrame: createTestEnvironment().nextFrame })
  let count = 0

  const known = () => [...new Set(notes.list().map(({ key }) => key))]
  /** What the server was asked to do: its answer is on its way. */
  const performed = new Set<string>()

  function begin(change: Do): void {
    changes.push({ ...change, status: 'pending' })
    if (change.kind === 'add') notes.addOptimistic(change.id, change.row)
    else if (change.kind === 'update') notes.updateOptimistic(change.id, change.on, change.update)
    else notes.removeOptimistic(change.id, change.on)
  }

  function deliver(word: RemoteChange<Note>): void {
    world.hear(word)
    notes.applyRemote(word)
  }

  function end(change: Change): void {
    const answer = world.answers.get(change.id)
    const index = changes.indexOf(change)
    if (index !== -1) changes.splice(index, 1)
    if (change.kind === 'add' && answer !== undefined) world.named.set(change.id, answer.id)
    if (answer !== undefined) world.hear({ eventType: 'UPDATE', new: answer })
    else if (change.kind === 'remove') world.hear({ eventType: 'DELETE', old: { id: world.named.get(change.on) ?? change.on } })
    notes.confirm(change.id, answer)
  }

  for (const { what, which, also } of steps) {
    const id = `c${(count += 1)}`
    const change = pick(changes, which)
    const on = pick(known(), which)
    switch (what) {
      case 'add':
        begin({ kind: 'add', id, row: { id, text: `text ${id}`, color: 'red', version: 0, client_ref: null } })
        break
      case 'update':
        if (on !== undefined) begin({ kind: 'update', id, on, update: also % 2 === 0 ? { text: `text ${id}` } : { color: `color ${id}` } })
        break
      case 'remove':
        if (on !== undefined) begin({ kind: 'remove', id, on })
        break
      case 'perform':
        if (
          change?.status !== 'pending' ||
          performed.has(change.id) ||
          (change.kind !== 'add' && changes.some((one) => one.id === change.on))
        )
          break
        if (world.perform(change)) performed.add(change.id)
        break
      case 'answer':
        if (change !== undefined && performed.has(change.id)) end(change)
        break
      case 'fail':
        if (change === undefined || performed.has(change.id)) break
        change.status = 'failed'
        notes.rollback(change.id, 'refused')
        break
      case 'retry':
        if (change === undefined) break
        for (const one of notes.retry(change.id)) for (const other of changes) if (other.id === one.id) other.status = 'pending'
        break
      case 'dismiss': {
        if (change?.status !== 'failed' || change.kind === 'add') break
        const row = world.named.get(change.on) ?? change.on
        notes.dismiss(change.id)
        for (const other of [...changes]) {
          const isSameRow = other.kind !== 'add' && (world.named.get(other.on) ?? other.on) === row
          if (isSameRow && other.status === 'failed') changes.splice(changes.indexOf(other), 1)
        }
        const added = changes.find((other) => other.id === row)
        if (added?.status === 'failed')
          for (const other of [...changes])
            if (other === added || (other.kind !== 'add' && other.on === row)) changes.splice(changes.indexOf(other), 1)
        break
      }
      case 'other': {
        const row = pick([...world.table.values()], which)
        if (row === undefined)
          world.write({ id: world.newId(), text: `other ${id}`, color: 'green', version: 0, client_ref: null }, 'INSERT')
        else if (also % 4 === 0) world.erase(row.id)
        else world.write({ ...row, text: `other ${id}`, client_ref: null }, 'UPDATE')
        break
      }
      case 'word': {
        const [word] = world.words.splice(which % Math.max(1, world.words.length), 1)
        if (word !== undefined) deliver(word)
        break
      }
      case 'again': {
        const word = pick(world.heard, which)
        if (word !== undefined) deliver(word)
        break
      }
      case 'look': {
        const before = notes.list()
        expect(notes.list()).toBe(before)
      }
    }
    expect(shown(notes)).toEqual(world.rows())
  }

  // In the end every word arrives, in some order, and whatever can be done is done.
  for (const word of world.words.splice(0).reverse()) deliver(word)
  for (const change of [...changes]) {
    if (!changes.includes(change)) continue
    if (performed.has(change.id)) end(change)
    else {
      notes.rollback(change.id)
      notes.dismiss(change.id)
    }
  }
  for (const word of world.words.splice(0)) deliver(word)
  expect(new Map(notes.list().map(({ id, ...row }) => [id, row]))).toEqual(
    new Map([...world.table.values()].map((value) => [value.id, expect.objectContaining({ value, status: 'confirmed' })])),
  )
  expect(notes.list()).toHaveLength(world.table.size)
}

test.each([
  ['rows that say which change wrote them', true],
  ['rows that do not', false],
])('whatever happens in whatever order, what is shown is the server’s rows with the pending changes replayed: %s', (_, withRef) => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => run(withRef, steps)),
    { numRuns: 1000, ...(process.env['CI'] ? {} : { seed: 1 }) },
  )
})
