import { atom, type ReadableAtom } from 'nanostores'
import { nextFrame as beforePaint } from '../next-frame.js'
import { applied, type Cell, type OptimisticChange, type OptimisticRow, replay, type RowUpdate } from './optimistic-row.js'
import { isOlder, type Version } from './row-order.js'

export type { OptimisticChange, OptimisticRow, RowUpdate } from './optimistic-row.js'

/** A row that the server has written or deleted, in the shape in which Supabase tells it. */
export type RemoteChange<T> =
  | { readonly eventType: 'INSERT' | 'UPDATE'; readonly new: T }
  | { readonly eventType: 'DELETE'; readonly old: Partial<T> }

/** The server's row has changed under a pending change. */
export interface RowConflict<T> {
  readonly change: OptimisticChange<T>
  /** The row that the change was made to. */
  readonly before: T
  /** The row by now; `undefined` where it is deleted. */
  readonly server: T | undefined
}

export interface OptimisticCollectionOptions<T extends object> {
  /** The server's id of a row, of which a deletion may tell no more than that. @default its `id` */
  key?(row: Partial<T>): string | number | undefined
  /** What tells which of two states of a row is newer: a number or a time. @default its `version`, else its `updated_at` */
  version?(row: Partial<T>): Version
  /** The id of the change that has written the row, where rows keep it: then the row itself confirms the change. @default its `client_ref` */
  clientRef?(row: Partial<T>): string | null | undefined
  /**
   * Who wins a conflict: with `server` the pending change fails, with `client` it stays, on top of the server's new row, until the server
   * has answered it. @default 'client'
   */
  readonly conflict?: 'server' | 'client' | ((conflict: RowConflict<T>) => 'server' | 'client')
  /** Hears of each conflict, before it is decided. */
  onConflict?(conflict: RowConflict<T>): void
  /** When `$rows` is told. @default before the next paint */
  nextFrame?(tell: () => void): () => void
}

/**
 * Rows of a server, with what is done to them here shown at once. Shown is always the server's row with the pending changes replayed on top,
 * so that changes may end in any order, and one that fails takes nothing of the others with it. Rows are data as of JSON.
 */
export interface OptimisticCollection<T extends object> {
  /** Told once a frame, however much has changed. */
  readonly $rows: ReadableAtom<readonly OptimisticRow<T>[]>
  /** All rows as of now, in the order in which they came. The same array until something changes. */
  list(): readonly OptimisticRow<T>[]
  /** By key, or by the server's id. */
  get(id: string): OptimisticRow<T> | undefined
  /** Ids of changes are yours to make, such as `crypto.randomUUID()`: no two are the same, and none is that of another row. */
  addOptimistic(tempId: string, row: T): OptimisticChange<T>
  /** A row that is not known, or not confirmed yet, can be named by its key. */
  updateOptimistic(changeId: string, id: string, update: RowUpdate<T>): OptimisticChange<T>
  removeOptimistic(changeId: string, id: string): OptimisticChange<T>
  /** The server has made the change; and what it made of the row, where it says. */
  confirm(changeId: string, row?: T): void
  /** The change is undone. Its row stays and shows the error, until the change is tried again or dismissed. */
  rollback(changeId: string, error?: unknown): void
  /** Whatever failed of a row is pending again, and returned to be sent. Takes the id of the row or of a change. */
  retry(id: string): readonly OptimisticChange<T>[]
  /** Whatever failed of a row is forgotten. */
  dismiss(id: string): void
  /** Takes what the server tells by itself, in any order and as often as it likes. A field that is left out keeps its value. */
  applyRemote(change: RemoteChange<T>): void
  /**
   * Takes the rows that `fetch` answers as all that there are; but what was told meanwhile is newer. Call it once changes are told, and
   * again whenever some may have been missed. Of calls that overlap only the last one counts.
   */
  load(fetch: () => PromiseLike<readonly T[]>): Promise<void>
  dispose(): void
}

/** Most deleted rows that are remembered. */
const MAX_GONE = 1000

export function createOptimisticCollection<T extends object>({
  key: keyOf = (row: { id?: string }) => row.id,
  version = (row: { version?: Version; updated_at?: Version }) => row.version ?? row.updated_at,
  clientRef = (row: { client_ref?: string }) => row.client_ref,
  conflict: rule = 'client',
  onConflict,
  nextFrame = beforePaint,
}: OptimisticCollectionOptions<T> = {}): OptimisticCollection<T> {
  const $rows = atom<readonly OptimisticRow<T>[]>([])
  /** In the order in which they came. */
  const cells = new Set<Cell<T>>()
  /** Each by its key, by the server's id, and by the ids of its changes. */
  const names = new Map<string, Cell<T>>()
  /** Counts what is told, and snapshots that are asked for. */
  let now = 0
  let asked = 0
  let rows: readonly OptimisticRow<T>[] | undefined
  let cancelFrame: (() => void) | undefined

  const find = (id: string) => names.get(id)

  function list(): readonly OptimisticRow<T>[] {
    if (rows !== undefined) return rows
    const next: OptimisticRow<T>[] = []
    const gone: Cell<T>[] = []
    for (const cell of cells) {
      const row = (cell.shown ??= replay(cell))
      if (row !== undefined) next.push(row)
      else if (cell.changes.size === 0) gone.push(cell)
    }
    // Those of which a late word is least to be expected.
    if (gone.length > MAX_GONE) for (const cell of gone.sort((a, b) => b.toldAt - a.toldAt).slice(MAX_GONE)) forget(cell)
    // Rows of others are deleted as well, and nobody here is to be told of that.
    const told = $rows.get()
    rows = next.length === told.length && next.every((row, place) => row === told[place]) ? told : next
    return rows
  }

  function touch(cell: Cell<T>): void {
    cell.shown = rows = undefined
    cancelFrame ??= nextFrame(() => {
      cancelFrame = undefined
      $rows.set(list())
    })
  }

  function enter(key: string): Cell<T> {
    const cell: Cell<T> = { key, toldAt: 0, changes: new Map() }
    cells.add(cell)
    names.set(key, cell)
    return cell
  }

  function forget(cell: Cell<T>): void {
    cells.delete(cell)
    for (const id of [cell.key, cell.id ?? '', ...cell.changes.keys()]) names.delete(id)
  }

  /** Also in the place of what it was before. */
  function put(cell: Cell<T> | undefined, change: OptimisticChange<T>): OptimisticChange<T> {
    if (cell) {
      cell.changes.set(change.id, change)
      names.set(change.id, cell)
      touch(cell)
    }
    return change
  }

  function take(cell: Cell<T>, id: string): void {
    cell.changes.delete(id)
    // An addition has the id that its row keeps as its key.
    if (id !== cell.key) names.delete(id)
    touch(cell)
  }

  function rollback(id: string, error?: unknown): void {
    const cell = find(id)
    const change = cell?.changes.get(id)
    if (change) put(cell, { ...change, status: 'failed', error })
  }

  /** The row that was added here has this id on the server, which may have told of it already. */
  function name(cell: Cell<T>, id: string): void {
    const other = find(id)
    cell.id = id
    if (other === cell) return
    if (other) {
      // In the order in which they were made, to whichever of the two.
      const made = other.changes.size > 0 ? [...names.keys()] : []
      const changes = [...cell.changes.values(), ...other.changes.values()].sort((a, b) => made.indexOf(a.id) - made.indexOf(b.id))
      forget(other)
      Object.assign(cell, { base: other.base, isThere: other.isThere, goneWith: other.goneWith })
      cell.changes.clear()
      for (const change of changes) put(cell, change)
    }
    names.set(id, cell)
  }

  /** The row as the server has it, or had it before it was deleted. */
  function write(cell: Cell<T>, row: Partial<T> | undefined, isThere: boolean | undefined, isOurs: boolean | undefined): void {
    const { base, isThere: wasThere } = cell
    Object.assign(cell, { base: row, isThere, toldAt: (now += 1) })
    touch(cell)
    if (wasThere && base && !isOurs) contest(cell, base, isThere ? cell.base : undefined)
  }

  function hear(told: T, isInsert = false, isOurs = false): void {
    const id = idOf(told)
    if (id === undefined) return
    const ref = clientRef(told) ?? ''
    const writer = find(ref)
    if (writer?.changes.has(ref) && (writer.id ?? id) === id) {
      name(writer, id)
      take(writer, ref)
      isOurs = true
    }
    const cell = find(id) ?? enter(id)
    Object.assign(cell, { id, toldAt: (now += 1) })
    const { base, isThere } = cell
    const isWrittenAgain = isThere === false && isInsert && isOlder(cell.goneWith, version(told))
    if (!isWrittenAgain && isOlder(version(told), base && version(base))) return
    if (isThere === false && !isWrittenAgain) {
      // It stays deleted, but may be shown for what is still to be done to it.
      cell.base = { ...base, ...told }
      return touch(cell)
    }
    // It was added here under the id that it has on the server.
    if (cell.changes.get(id)?.kind === 'add') take(cell, id)
    const next = { ...base, ...told }
    if (!isThere || !base || !isSame(base, next)) write(cell, next, true, isOurs)
  }

  function bury(cell: Cell<T>, old?: Partial<T>, isOurs?: boolean): void {
    if (cell.isThere !== false) cell.goneWith = cell.base && version(cell.base)
    write(cell, { ...cell.base, ...old }, false, isOurs)
  }

  /** The server's row has changed, and changes are pending that were made to the one before. */
  function contest({ changes }: Cell<T>, before: T, server?: T): void {
    const pending = [...changes.values()].filter(
      ({ kind, status }) => status === 'pending' && (server ? kind !== 'add' : kind === 'update'),
    )
    // It says what one of ours wanted, and did not before: that is its echo.
    if (server && pending.some((change) => isSame(server, applied(server, change)) && !isSame(before, applied(before, change)))) return
    for (const change of pending) {
      const conflict = { change, before, server }
      onConflict?.(conflict)
      if ((typeof rule === 'function' ? rule(conflict) : rule) === 'server') rollback(change.id, conflict)
    }
  }

  function idOf(row: Partial<T>): string | undefined {
    const id = keyOf(row)
    return id == null ? undefined : String(id)
  }

  function failedOf(cell: Cell<T> | undefined): readonly OptimisticChange<T>[] {
    return [...(cell?.changes.values() ?? [])].filter(({ status }) => status === 'failed')
  }

  return {
    $rows,
    list,
    get(id) {
      const cell = find(id)
      return cell && (cell.shown ??= replay(cell))
    },
    addOptimistic(tempId, row) {
      return put(find(tempId) ?? enter(tempId), { id: tempId, kind: 'add', status: 'pending', row })
    },
    updateOptimistic(changeId, id, update) {
      return put(find(id), { id: changeId, kind: 'update', status: 'pending', update })
    },
    removeOptimistic(changeId, id) {
      return put(find(id), { id: changeId, kind: 'remove', status: 'pending' })
    },
    confirm(changeId, row) {
      const cell = find(changeId)
      const change = cell?.changes.get(changeId)
      if (cell && change) {
        const id = row && idOf(row)
        if (change.kind === 'remove') bury(cell, row, true)
        else if (id !== undefined) name(cell, id)
        // Until the server tells it, the best that is known of its row.
        else write(cell, applied(cell.base, change), change.kind === 'add' || cell.isThere, true)
        take(cell, changeId)
      }
      if (row) hear(row, false, true)
    },
    rollback,
    retry(id) {
      const cell = find(id)
      return failedOf(cell).map(({ error: _error, ...change }) => put(cell, { ...change, status: 'pending' }))
    },
    dismiss(id) {
      const cell = find(id)
      for (const change of failedOf(cell)) {
        if (!cell) return
        take(cell, change.id)
        // What was to be done to a row that never came to be goes with it.
        if (change.kind === 'add' && !cell.isThere) forget(cell)
      }
    },
    applyRemote(change) {
      if (change.eventType !== 'DELETE') return hear(change.new, change.eventType === 'INSERT')
      const id = idOf(change.old)
      if (id !== undefined) bury(find(id) ?? enter(id), change.old)
    },
    async load(fetch) {
      const since = (asked = now += 1)
      const told = await fetch()
      if (asked !== since) return
      const there = new Set(told.map(idOf))
      for (const cell of cells) {
        if (cell.toldAt > since) continue
        if (!cell.isThere) delete cell.isThere
        else if (!there.has(cell.id ?? cell.key)) bury(cell)
      }
      for (const row of told) {
        const cell = find(idOf(row) ?? '')
        // Where nothing says which of the two is newer, it is the word that came later.
        if (!cell?.base || cell.toldAt <= since || isOlder(version(cell.base), version(row))) hear(row)
      }
    },
    dispose() {
      cancelFrame?.()
      // Nor is a frame asked for any more.
      cancelFrame = () => {}
    },
  }
}

/** Whether what is told changes nothing. */
function isSame<T extends object>(row: T, next: T): boolean {
  return JSON.stringify({ ...row, ...next }) === JSON.stringify(row)
}
