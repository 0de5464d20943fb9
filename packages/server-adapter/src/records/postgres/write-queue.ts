import type { Change, InsertOutcome, NewOperation, OperationRecord, OperationRecords } from '../operation-records.js'
import { toRecord, toRow, type WrittenRow } from './columns.js'
import type { Statements } from './database.js'
import { failureOf, told } from './failures.js'
import type { Queries } from './queries.js'
import { storable } from './storable.js'
import { createWriter, type PlacedRow } from './write.js'

/**
 * Commits stand in line for the one sequence, and each waits for the disk. So what comes while a write is under way goes together with the next one:
 * the more there is to do, the less each costs.
 */
export type WriteQueue = Pick<OperationRecords, 'insert' | 'update'> & {
  /** Waits for what was given before. What comes later rejects. */
  close(): Promise<void>
}

/** Rows of one write; a call that inserts more goes alone. */
const MAX_ROWS = 500
/** Calls that wait at once: a database that is slow for long must not fill the memory. */
const MAX_WAITING = 20_000

/** Somebody who waits. Whoever was answered once is not asked again, whatever becomes of the others. */
interface Waiting<T> {
  isAnswered: boolean
  resolve(outcome: T): void
  reject(error: unknown): void
}

interface Update extends Waiting<{ readonly record: OperationRecord; readonly changed: boolean } | undefined> {
  readonly kind: 'update'
  readonly operationId: string
  readonly change: Change
}

interface Insert extends Waiting<readonly InsertOutcome[]> {
  readonly kind: 'insert'
  readonly operations: readonly { readonly kept: NewOperation; readonly row: WrittenRow }[]
  /** What is known already, by the operation's index. */
  readonly outcomes: Map<number, InsertOutcome>
  /** Whether something was in the way, and has to be looked for. */
  isTaken: boolean
}

type Call = Update | Insert

/** A row to be written, and who waits for it. */
interface Write extends PlacedRow {
  /** It is written. */
  done(base: number): void
  /** Somebody was quicker: the calls have to be made to what is there now. */
  readonly missed: readonly Call[]
}

export function createWriteQueue(database: Statements, queries: Queries): WriteQueue {
  const write = createWriter(database, queries)
  const waiting: Call[] = []
  let running: Promise<void> | undefined
  let isClosed = false

  function add(call: Call): void {
    if (isClosed) return refuse(call, new Error('The records are closed.'))
    if (waiting.length >= MAX_WAITING) return refuse(call, told(new Error('Too many changes wait for the database.')))
    waiting.push(call)
    running ??= run()
  }

  async function run(): Promise<void> {
    // What is asked for in the same breath goes together from the start.
    await Promise.resolve()
    while (waiting.length > 0) {
      const batch = waiting.splice(0, batchSize(waiting))
      waiting.unshift(...(await handle(batch)))
    }
    running = undefined
  }

  /** Answers the calls that have to be made again. What goes wrong is told to those who wait. */
  async function handle(batch: readonly Call[]): Promise<readonly Call[]> {
    try {
      const writes = await prepare(batch)
      if (writes.length === 0) return []
      const { base, places } = await write(writes)
      const missed = new Set<Call>()
      for (const { place, done, missed: calls } of writes) {
        if (places.has(place)) done(base)
        else for (const call of calls) missed.add(call)
      }
      return [...missed].filter(({ isAnswered }) => !isAnswered)
    } catch (error) {
      const left = batch.filter(({ isAnswered }) => !isAnswered)
      if (failureOf(error) !== 'refused' || batch.length === 1) {
        for (const call of left) refuse(call, told(error))
        return []
      }
      // One of them is at fault, and the others must not suffer for it.
      const again: Call[] = []
      for (const call of left) again.push(...(await handle([call])))
      return again
    }
  }

  async function prepare(batch: readonly Call[]): Promise<readonly Write[]> {
    const updates = Map.groupBy(
      batch.filter((call) => call.kind === 'update'),
      ({ operationId }) => operationId,
    )
    const inserts = batch.filter((call) => call.kind === 'insert')
    const records = await current([...updates.keys()])
    for (const insert of inserts) if (insert.isTaken) await findTaken(insert)

    let place = 0
    const nextPlace = () => (place += 1)
    return [
      ...[...updates].flatMap(([id, calls]) => prepareUpdates(records.get(id), calls, nextPlace)),
      ...inserts.flatMap((insert) => prepareInserts(insert, nextPlace)),
    ]
  }

  async function current(ids: readonly string[]): Promise<ReadonlyMap<string, OperationRecord>> {
    const rows = ids.length === 0 ? [] : await database.query(queries.byIds, [ids])
    return new Map(rows.map(toRecord).map((record) => [record.word.operation_id, record]))
  }

  async function findTaken({ operations, outcomes }: Insert): Promise<void> {
    const unknown = operations.flatMap((operation, place) => (outcomes.has(place) ? [] : [{ ...operation.row, place }]))
    for (const row of await database.query(queries.taken, [JSON.stringify(unknown)])) {
      outcomes.set(Number(row['place']), { kind: 'existing', record: toRecord(row) })
    }
  }

  return {
    insert: (given) =>
      new Promise((resolve, reject) => {
        const operations = given.map(storableRow)
        if (operations.length === 0) resolve([])
        else add({ kind: 'insert', operations, outcomes: new Map(), isTaken: false, isAnswered: false, resolve, reject })
      }),
    update: (operationId, change) =>
      new Promise((resolve, reject) => {
        add({ kind: 'update', operationId, change, isAnswered: false, resolve, reject })
      }),
    async close() {
      isClosed = true
      await running
    },
  }
}

function answer<T>(waiting: Waiting<T>, outcome: T): void {
  waiting.isAnswered = true
  waiting.resolve(outcome)
}

function refuse(call: Call, error: unknown): void {
  call.isAnswered = true
  call.reject(error)
}

function batchSize(waiting: readonly Call[]): number {
  const inserted = new Set<string>()
  let rows = 0
  const end = waiting.findIndex((call, index) => {
    rows += call.kind === 'insert' ? call.operations.length : 1
    // A change of what is inserted in the same batch would not find it.
    if (index > 0 && (rows > MAX_ROWS || (call.kind === 'update' && inserted.has(call.operationId)))) return true
    if (call.kind === 'insert') for (const { kept } of call.operations) inserted.add(kept.word.operation_id)
    return false
  })
  return end === -1 ? waiting.length : end
}

/** Makes the changes of one operation one after the other, each to what the one before has left. What is written is what the last one leaves. */
function prepareUpdates(found: OperationRecord | undefined, calls: readonly Update[], nextPlace: () => number): readonly Write[] {
  if (found === undefined) {
    for (const call of calls) answer(call, undefined)
    return []
  }
  let record = found
  let last: { readonly row: WrittenRow; readonly place: number } | undefined
  const answers: ((base: number) => void)[] = []
  for (const call of calls) {
    try {
      const next = call.change(record)
      if (next !== undefined) {
        const { kept, row } = storableRow(next)
        last = { row, place: nextPlace() }
        record = kept
      }
      const after = record
      const place = last?.place
      answers.push((base) =>
        answer(call, { record: place === undefined ? after : versioned(after, base + place), changed: next !== undefined }),
      )
    } catch (error) {
      refuse(call, error)
    }
  }
  const done = (base: number) => {
    for (const tell of answers) tell(base)
  }
  if (last !== undefined) return [{ ...last, expected: found.word.version, done, missed: calls }]
  done(0)
  return []
}

function prepareInserts(insert: Insert, nextPlace: () => number): readonly Write[] {
  const { operations, outcomes } = insert
  const answerWhereComplete = () => {
    const known = operations.flatMap((_, index) => outcomes.get(index) ?? [])
    if (known.length === operations.length) answer(insert, known)
  }
  answerWhereComplete()
  insert.isTaken = true
  return operations.flatMap(({ kept, row }, index) => {
    if (outcomes.has(index)) return []
    const place = nextPlace()
    const done = (base: number) => {
      outcomes.set(index, { kind: 'inserted', record: versioned(kept, base + place) })
      answerWhereComplete()
    }
    return [{ row, place, expected: null, done, missed: [insert] }]
  })
}

/** Throws where something in it has no form as JSON. */
function storableRow<T extends NewOperation>(operation: T): { readonly kept: T; readonly row: WrittenRow } {
  const kept = storable(operation, JSON.stringify(operation))
  return { kept, row: toRow(kept) }
}

function versioned(operation: NewOperation, version: number): OperationRecord {
  return { ...operation, word: { position: version, ...operation.word, version } }
}
