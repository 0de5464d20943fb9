import type { ReadableAtom } from 'nanostores'
import type { Environment } from '../environment.js'
import type { UploadItem } from '../item/item.js'
import { transition, type ItemEvent, type OwnEvent } from '../item/machine.js'
import { createNotifier } from './notifier.js'
import { createOrder, type Ranked } from './order.js'
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
  readonly event?: ItemEvent | undefined
  /** What the item was added with. */
  readonly batch?: Batch | undefined
}

/** The items of one `add` call. The store hands it back with each of their commits, so that nobody needs a map to find it. */
export interface Batch {
  readonly ids: readonly string[]
  /** Those that do not count any more: removed, or another tab's by now. */
  readonly left: Set<string>
  unfinished: number
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
  add(items: readonly UploadItem[], batch?: Batch): void
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
  /**
   * Hears of each commit after it was made, in order, also of those that its own reaction makes. With `onAdded`, of items that are added together
   * at once, in the place of a commit for each.
   */
  onCommit(listener: (commit: Commit) => void, onAdded?: (items: readonly UploadItem[]) => void): void
  /** Tells views now what they would be told at the next frame. */
  flush(): void
  dispose(): void
}

export interface UploadStoreOptions {
  readonly environment: Pick<Environment, 'clock' | 'nextFrame' | 'reportError'>
  /** Somebody began to listen to a view that nobody listened to. */
  onListened(): void
}

/** All that the store keeps of an item: one map for everything. */
interface Slot extends Ranked {
  item: UploadItem
  readonly batch: Batch | undefined
}

interface Listener {
  readonly onCommit: (commit: Commit) => void
  readonly onAdded: ((items: readonly UploadItem[]) => void) | undefined
}

export function createUploadStore({ environment, onListened }: UploadStoreOptions): UploadStore {
  const { reportError } = environment
  const slots = new Map<string, Slot>()
  const idsByOperation = new Map<string, string>()
  const order = createOrder(slots)
  const totals = createTotals()
  const rate = createRate(environment.clock)
  const notifier = createNotifier(environment)
  const listeners: Listener[] = []
  const commits: (Commit | readonly UploadItem[])[] = []
  let isDraining = false
  let isHeld = false
  let summary: UploadSummary | undefined
  let all: readonly UploadItem[] | undefined

  const get = (id: string) => slots.get(id)?.item
  const readAll = () => (all ??= order.ids().map((id) => get(id) as UploadItem))
  const onView = { reportError, onFirst: onListened }
  const idsView = createView(order.ids, onView)
  const summaryView = createView(() => (summary ??= totals.read(isHeld, rate.read(), rate.swings())), onView)
  const itemsView = createView(readAll, onView)
  const itemViews = new Map<string, Set<View<unknown>>>()

  /** An item or the order has changed. An array of all is made when somebody asks for it, and for a frame only where somebody listens. */
  function forgetAll(): void {
    all = undefined
    notifier.mark(itemsView)
  }

  /** What an item is from here on. */
  function commit(id: string, slot: Slot, after: UploadItem | undefined, event?: ItemEvent): void {
    const { item: before, batch } = slot
    if (after === undefined) slots.delete(id)
    else slot.item = after
    count(id, before, after)
    if (before.phase === 'uploading' && after?.phase === 'uploading') rate.add(after.sentBytes - before.sentBytes)
    commits.push({ id, before, after, event, batch })
  }

  /** For what is kept of all items. */
  function count(id: string, before: UploadItem | undefined, after: UploadItem | undefined): void {
    if (before?.operationId !== after?.operationId) {
      if (before?.operationId !== undefined && idsByOperation.get(before.operationId) === id) idsByOperation.delete(before.operationId)
      if (after?.operationId !== undefined) idsByOperation.set(after.operationId, id)
    }
    totals.change(before, after)
    itemViews.get(id)?.forEach(notifier.mark)
    notifier.mark(summaryView)
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
      for (let next = 0; next < commits.length; next += 1) {
        const change = commits[next]
        if (change === undefined) continue
        if ('id' in change) for (const { onCommit } of listeners) tell(onCommit, change)
        else for (const listener of listeners) tellAdded(listener, change)
      }
    } finally {
      commits.length = 0
      isDraining = false
    }
  }

  function tellAdded({ onCommit, onAdded }: Listener, added: readonly UploadItem[]): void {
    if (onAdded !== undefined) tell(onAdded, added)
    else for (const item of added) tell(onCommit, { id: item.id, before: undefined, after: item })
  }

  function tell<T>(listener: (change: T) => void, change: T): void {
    try {
      listener(change)
    } catch (error) {
      reportError(error)
    }
  }

  function dispatchBy<E extends ItemEvent>(
    change: (item: UploadItem, event: E) => UploadItem,
    id: string,
    event: E,
  ): UploadItem | undefined {
    const slot = slots.get(id)
    if (slot === undefined) return undefined
    const after = change(slot.item, event)
    if (after === slot.item) return after
    commit(id, slot, after, event)
    tellAll()
    return get(id)
  }

  return {
    $ids: idsView.$store,
    $items: itemsView.$store,
    $summary: summaryView.$store,
    $item(id) {
      const view: View<UploadItem | undefined> = createView(() => get(id), {
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
    get,
    byOperation(operationId) {
      const id = idsByOperation.get(operationId)
      return id === undefined ? undefined : get(id)
    },
    ids: order.ids,
    items: readAll,
    rank: (id) => slots.get(id)?.rank ?? 0,
    add(added, batch) {
      let rank = order.append(added.map((item) => item.id))
      for (const item of added) {
        slots.set(item.id, { item, rank, batch })
        rank += 1
        count(item.id, undefined, item)
      }
      commits.push(added)
      notifier.mark(idsView)
      tellAll()
    },
    dispatch: (id, event) => dispatchBy(transition, id, event),
    dispatchBy,
    replace(others) {
      for (const item of others) {
        const slot = slots.get(item.id)
        if (slot !== undefined) commit(item.id, slot, item)
      }
      tellAll()
    },
    remove(ids) {
      const gone = new Set(ids.filter((id) => slots.has(id)))
      if (gone.size === 0) return
      order.remove(gone)
      for (const id of gone) {
        const slot = slots.get(id)
        if (slot !== undefined) commit(id, slot, undefined)
      }
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
    onCommit(onCommit, onAdded) {
      listeners.push({ onCommit, onAdded })
    },
    flush: notifier.flush,
    dispose: notifier.dispose,
  }
}
