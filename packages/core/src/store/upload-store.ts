import type { ReadableAtom } from 'nanostores'
import type { Environment } from '../environment.js'
import type { UploadItem } from '../item/item.js'
import { sentBytes, transition, type ItemEvent, type OwnEvent } from '../item/machine.js'
import { createNotifier } from './notifier.js'
import { createOrder } from './order.js'
import { createRate } from './rate.js'
import type { UploadSummary } from './summary.js'
import { createTotals } from './totals.js'
import { createView, invalidate, type View } from './view.js'

/** One change of one item: new (`before` absent), changed, or removed (`after` absent). */
export interface Commit {
  readonly id: string
  readonly before: UploadItem | undefined
  readonly after: UploadItem | undefined
  /** What made the change; absent for additions, removals and replacements. */
  readonly event?: ItemEvent
}

/**
 * The items of one uploader. A change is committed at once: whoever reads next sees it. The engine's own listeners hear of every commit,
 * in order; views (`$ids`, `$items`, `$item`, `$summary`) look once a frame, or at once after additions.
 */
export interface UploadStore {
  readonly $ids: ReadableAtom<readonly string[]>
  readonly $items: ReadableAtom<readonly UploadItem[]>
  readonly $summary: ReadableAtom<UploadSummary>
  $item(id: string): ReadableAtom<UploadItem | undefined>
  get(id: string): UploadItem | undefined
  /** The item whose current attempt is this operation. */
  byOperation(operationId: string): UploadItem | undefined
  ids(): readonly string[]
  /** A new array after each change, the same one in between. */
  items(): readonly UploadItem[]
  /** Place in the queue as a number; lower goes first. */
  rank(id: string): number
  add(items: readonly UploadItem[]): void
  /** Returns the item as it is after the event: the same object where nothing changed. */
  dispatch(id: string, event: OwnEvent): UploadItem | undefined
  /** The same, by a part of the machine that only those bring along who need it. */
  dispatchBy<E extends ItemEvent>(change: (item: UploadItem, event: E) => UploadItem, id: string, event: E): UploadItem | undefined
  /** Puts other objects in the place of items: what another tab says of its own, or one that changed hands. */
  replace(items: readonly UploadItem[]): void
  remove(ids: readonly string[]): void
  move(id: string, index: number): boolean
  setHeld(isHeld: boolean): void
  isHeld(): boolean
  /** Hears of each commit after it was made, in order, also of those that its own reaction makes. */
  onCommit(listener: (commit: Commit) => void): void
  /** Tells views now what they would be told at the next frame. */
  flush(): void
  dispose(): void
}

export interface UploadStoreOptions {
  readonly environment: Pick<Environment, 'clock' | 'nextFrame' | 'reportError'>
  /** Somebody began to listen to a view that nobody listened to. */
  onListened(): void
}

export function createUploadStore({ environment, onListened }: UploadStoreOptions): UploadStore {
  const { reportError } = environment
  const items = new Map<string, UploadItem>()
  const idsByOperation = new Map<string, string>()
  const order = createOrder()
  const totals = createTotals()
  const rate = createRate(environment.clock)
  const notifier = createNotifier(environment)
  const listeners: ((commit: Commit) => void)[] = []
  const commits: Commit[] = []
  let isDraining = false
  let isHeld = false
  let summary: UploadSummary | undefined
  let all: readonly UploadItem[] | undefined

  const readAll = () => (all ??= order.ids().map((id) => items.get(id) as UploadItem))
  const onView = { reportError, onFirst: onListened }
  const idsView = createView(order.ids, onView)
  const summaryView = createView(() => (summary ??= totals.read(isHeld, rate.read(), rate.swings())), onView)
  const itemsView = createView(readAll, onView)
  const itemViews = new Map<string, Set<View<unknown>>>()

  /** An item or the order has changed. An array of all is made when somebody asks for it, and for a frame only where somebody listens. */
  function forgetAll(): void {
    all = undefined
    if (itemsView.$store.lc > 0) notifier.mark(itemsView)
  }

  function commit(change: Commit): void {
    const { id, before, after } = change
    if (after === undefined) items.delete(id)
    else items.set(id, after)
    if (before?.operationId !== after?.operationId) {
      if (before?.operationId !== undefined && idsByOperation.get(before.operationId) === id) idsByOperation.delete(before.operationId)
      if (after?.operationId !== undefined) idsByOperation.set(after.operationId, id)
    }
    totals.change(before, after)
    if (before?.phase === 'uploading' && after?.phase === 'uploading') rate.add(sentBytes(after) - sentBytes(before))
    itemViews.get(id)?.forEach(notifier.mark)
    notifier.mark(summaryView)
    commits.push(change)
  }

  /** After one commit or many: what they have in common is done once. */
  function tellAll(): void {
    summary = undefined
    forgetAll()
    invalidate()
    drain()
  }

  /** First in, first out, and never one inside another: a listener that dispatches does not make the next one see things backwards. */
  function drain(): void {
    if (isDraining) return
    isDraining = true
    try {
      for (let next = 0; next < commits.length; next += 1) tell(commits[next] as Commit)
    } finally {
      commits.length = 0
      isDraining = false
    }
  }

  function tell(change: Commit): void {
    for (const listener of listeners) {
      try {
        listener(change)
      } catch (error) {
        reportError(error)
      }
    }
  }

  function dispatchBy<E extends ItemEvent>(
    change: (item: UploadItem, event: E) => UploadItem,
    id: string,
    event: E,
  ): UploadItem | undefined {
    const before = items.get(id)
    if (before === undefined) return undefined
    const after = change(before, event)
    if (after === before) return before
    commit({ id, before, after, event })
    tellAll()
    return items.get(id)
  }

  return {
    $ids: idsView.$store,
    $items: itemsView.$store,
    $summary: summaryView.$store,
    $item(id) {
      const view: View<UploadItem | undefined> = createView(() => items.get(id), {
        reportError,
        onFirst() {
          const views = itemViews.get(id)
          if (views === undefined) itemViews.set(id, new Set([view]))
          else views.add(view)
          onListened()
        },
        onLast() {
          const views = itemViews.get(id)
          views?.delete(view)
          if (views?.size === 0) itemViews.delete(id)
        },
      })
      return view.$store
    },
    get: (id) => items.get(id),
    byOperation(operationId) {
      const id = idsByOperation.get(operationId)
      return id === undefined ? undefined : items.get(id)
    },
    ids: order.ids,
    items: readAll,
    rank: (id) => order.rank(id) ?? 0,
    add(added) {
      order.append(added.map((item) => item.id))
      for (const item of added) commit({ id: item.id, before: undefined, after: item })
      notifier.mark(idsView)
      tellAll()
    },
    dispatch: (id, event) => dispatchBy(transition, id, event),
    dispatchBy,
    replace(others) {
      for (const item of others) if (items.has(item.id)) commit({ id: item.id, before: items.get(item.id), after: item })
      tellAll()
    },
    remove(ids) {
      const gone = new Set(ids.filter((id) => items.has(id)))
      if (gone.size === 0) return
      order.remove(gone)
      for (const id of gone) commit({ id, before: items.get(id), after: undefined })
      notifier.mark(idsView)
      tellAll()
    },
    move(id, index) {
      const hasMoved = order.move(id, index)
      if (!hasMoved) return false
      forgetAll()
      invalidate()
      notifier.mark(idsView)
      return true
    },
    setHeld(held) {
      if (isHeld === held) return
      isHeld = held
      summary = undefined
      invalidate()
      notifier.mark(summaryView)
    },
    isHeld: () => isHeld,
    onCommit(listener) {
      listeners.push(listener)
    },
    flush: notifier.flush,
    dispose: notifier.dispose,
  }
}
