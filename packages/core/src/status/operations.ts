import { epochMs, isTerminal, judge, type Ordering, remember, type Seen, type SyncStatusUpdate, type Verdict } from '../protocol/index.js'

/** An operation of the server, as far as it is known here. */
export interface KnownOperation {
  readonly update: SyncStatusUpdate
  /** The server's last word; absent while only others spoke of the operation. */
  readonly seen: Seen | undefined
  /** By the server's clock, in milliseconds; absent where the beginning was not heard: whoever comes late must not take it for quick. */
  readonly beganAtMs: number | undefined
}

/** `hint`: on a channel on which others may write (protocol rule 7). */
export type Source = 'live' | 'snapshot' | 'hint'

/** A word that was taken: what was known before it, and after it. */
export interface OperationChange {
  readonly before: KnownOperation | undefined
  readonly after: KnownOperation
  readonly source: Source
}

/** The server's operations of all types, in bounded memory: those that have ended go first, the one that ended first before the others. */
export interface Operations {
  /** By protocol rule 1. `ask`: only the server can tell. */
  take(update: SyncStatusUpdate, source: Source, ordering: Ordering): Verdict
  /** Unfinished ones in the order in which they were heard of, then those that have ended, the latest first. The same array until something changes. */
  all(): readonly SyncStatusUpdate[]
  /** What is known of one; `undefined` where nothing is. */
  get(id: string): SyncStatusUpdate | undefined
  /** How many are unfinished. */
  unfinished(): number
  /** Those first that were heard of first. */
  unfinishedIds(): readonly string[]
}

export interface OperationsOptions {
  /** How many are kept. */
  readonly keep: number
  /** Whether there is somebody to ask: if so, what only others speak of is not shown. */
  readonly canAsk: boolean
  onChange(change: OperationChange): void
}

export function createOperations({ keep, canAsk, onChange }: OperationsOptions): Operations {
  const unfinished = new Map<string, KnownOperation>()
  const ended = new Map<string, KnownOperation>()
  let all: readonly SyncStatusUpdate[] | undefined

  /** A few at a time: to find the first entry of a map costs as much as was deleted before it. */
  function forgetOldest(): void {
    let tooMany = unfinished.size + ended.size - keep
    if (tooMany <= 0) return
    tooMany += keep >> 5
    for (const operations of [ended, unfinished]) {
      for (const id of operations.keys()) {
        if (tooMany-- <= 0) return
        operations.delete(id)
      }
    }
  }

  return {
    take(update, source, ordering) {
      const id = update.operation_id
      const isEnd = isTerminal(update.status)
      const isHint = source === 'hint'
      const before = unfinished.get(id) ?? ended.get(id)
      // "An end triggers an authorised snapshot", and so does what would undo one.
      if (isHint && (isEnd || ended.has(id) || (canAsk && before === undefined))) return canAsk ? 'ask' : 'drop'
      const verdict = judge(before?.seen, update, isHint ? 'live' : source, ordering)
      if (verdict !== 'apply') return verdict
      const isHeardFirst = before === undefined && (source === 'live' || update.status === 'pending') && ordering.order !== 'arrival'
      const after: KnownOperation = {
        update: shown(update, before?.update, isHint),
        seen: isHint ? before?.seen : remember(before?.seen, update, ordering),
        beganAtMs: isHeardFirst ? epochMs(update.timestamp) : before?.beganAtMs,
      }
      ended.delete(id)
      if (isEnd) unfinished.delete(id)
      ;(isEnd ? ended : unfinished).set(id, after)
      all = undefined
      forgetOldest()
      onChange({ before, after, source })
      return verdict
    },
    all: () => (all ??= updatesOf(unfinished).concat(updatesOf(ended).reverse())),
    get: (id) => (unfinished.get(id) ?? ended.get(id))?.update,
    unfinished: () => unfinished.size,
    unfinishedIds: () => [...unfinished.keys()],
  }
}

const updatesOf = (operations: ReadonlyMap<string, KnownOperation>) => Array.from(operations.values(), ({ update }) => update)

function shown(update: SyncStatusUpdate, before: SyncStatusUpdate | undefined, isHint: boolean): SyncStatusUpdate {
  if (before === undefined || isTerminal(before.status) || isTerminal(update.status)) return update
  // Rule 4: "shown progress never goes backwards within one attempt".
  const progress = Math.max(before.progress, update.progress)
  // Rule 7: "of another channel's messages only progress and stage are shown".
  if (isHint) return { ...before, progress, ...(update.stage !== undefined && { stage: update.stage }) }
  return progress === update.progress ? update : { ...update, progress }
}
