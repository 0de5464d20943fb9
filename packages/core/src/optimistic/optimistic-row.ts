import type { Version } from './row-order.js'

/** Fields with their new values, or a pure function, which is called again whenever the server's row has changed. */
export type RowUpdate<T> = Partial<T> | ((row: T) => T)

/** Something that was done here and is not known to be done on the server. */
export type OptimisticChange<T> = {
  /** As it was given. */
  readonly id: string
  /** A failed change is rolled back: only an addition is still shown. */
  readonly status: 'pending' | 'failed'
  /** What it was rolled back with, or the `RowConflict` that it lost. */
  readonly error?: unknown
} & ({ readonly kind: 'add'; readonly row: T } | { readonly kind: 'update'; readonly update: RowUpdate<T> } | { readonly kind: 'remove' })

/** One row as it is to be shown. Another state is another object, the same state the same one. */
export interface OptimisticRow<T> {
  /** For the keys of a list, since it never changes: the temporary id of a row that was added here, also once the server has named it. */
  readonly key: string
  /** The server's, once it is known. */
  readonly id: string | undefined
  /** The server's row, with all pending changes made to it in their order. */
  readonly value: T
  readonly status: 'confirmed' | 'pending' | 'failed'
  /** Of the last change that failed. */
  readonly error: unknown
  /** What is not confirmed, oldest first. */
  readonly changes: readonly OptimisticChange<T>[]
}

/** One row, and what is done to it. */
export interface Cell<T> {
  readonly key: string
  id?: string
  /** The server's row, also the last one where it is there no more. */
  base?: T
  /** Absent before the server has told of it, false once it is deleted: a late word does not bring it back. */
  isThere?: boolean
  /** What was known of it when it was deleted: one that is written again is newer than that. */
  goneWith?: Version
  /** When the server last told of it. */
  toldAt: number
  readonly changes: Map<string, OptimisticChange<T>>
  /** As it was shown last; absent where that is to be made anew. */
  shown?: OptimisticRow<T> | undefined
}

/** The server's row with the changes that are still wanted. */
export function replay<T extends object>({ key, id, base, isThere, changes }: Cell<T>): OptimisticRow<T> | undefined {
  let value = base
  let isShown = isThere
  let status: OptimisticRow<T>['status'] = 'confirmed'
  let error: unknown
  for (const change of changes.values()) {
    const isPending = change.status === 'pending'
    if (change.kind === 'remove' && isPending) return undefined
    if (change.kind !== 'remove') isShown = true
    if (isPending || change.kind === 'add') value = applied(value, change)
    if (!isPending) error = change.error
    if (status !== 'failed') status = change.status
  }
  return isShown && value ? { key, id, value, status, error, changes: [...changes.values()] } : undefined
}

/** The row as one change leaves it. */
export function applied<T extends object, Row extends T | undefined>(row: Row, change: OptimisticChange<T>): T | Row {
  if (change.kind === 'add') return change.row
  if (change.kind === 'remove' || !row) return row
  return typeof change.update === 'function' ? change.update(row) : { ...row, ...change.update }
}
