import type { Uploader, UploadItem } from '@upload-panel/core'
import type { Messages } from '../messages/messages.js'
import type { IdList } from '../shared/id-list.js'
import { displayName } from '../text/file-name.js'
import type { Span } from './drag-geometry.js'
import { neighboursAt, placeBetween } from './placement.js'
import { levelOf } from './priority.js'
import type { OrderChangedDetail } from './queue-events.js'
import type { QueueOrder } from './queue-order.js'

/** What a list knows at the moment of a move. */
export interface MoveScene {
  readonly uploader: Uploader
  readonly order: QueueOrder
  readonly messages: Messages
  /** The rows on show, and those of them that a file can be moved to. */
  readonly rows: IdList
  readonly span: Span
}

export interface QueueMovesOptions {
  readonly scene: () => MoveScene | undefined
  /** Tells people who cannot see it. */
  readonly say: (text: string) => void
  /** The order is another one already. */
  readonly onMoved: (id: string) => void
  /** Tells the page. */
  readonly onOrderChanged: (detail: OrderChangedDetail) => void
}

/** Asks the engine for another order, and says in sentences what became of it. */
export interface QueueMoves {
  /** Whether a file can be moved; says why it cannot. */
  canMove(id: string): boolean
  /** Puts a file at the place of another one, both in the rows on show. */
  move(id: string, from: number, to: number): void
  /** The same for a file that nobody has lifted. */
  moveTo(id: string, place: (from: number) => number): void
  setPriority(id: string, priority: number): void
  sayPlace(what: 'lifted' | 'moved' | 'putBack', id: string): void
}

export function createQueueMoves({ scene, say, onMoved, onOrderChanged }: QueueMovesOptions): QueueMoves {
  function sayPlace(what: 'lifted' | 'moved' | 'putBack', id: string, newPriority?: number): void {
    const now = scene()
    const item = now?.uploader.$item(id).get()
    if (!now || !item) return
    const { order, messages } = now
    const name = nameOf(item, messages)
    const position = placeOf(item, order)
    const { queue } = messages
    const sentences = [
      ...(position === undefined ? [] : [queue.say[what](name, position, order.waitingCount)]),
      ...(newPriority === undefined ? [] : [queue.say.priority(name, queue.level[levelOf(newPriority)])]),
    ]
    if (sentences.length > 0) say(sentences.join(' '))
  }

  /** Another tab's order is its own affair. */
  function placeOf(item: UploadItem, order: QueueOrder): number | undefined {
    return item.mirrored ? undefined : order.position(item.id)
  }

  /** Asks the engine, and follows at once, not when the uploader tells at the next frame: a dropped row would be seen at its old place for a moment. */
  function change(item: UploadItem, { uploader, order }: MoveScene, ask: () => void): void {
    const previousPosition = placeOf(item, order)
    const previousPriority = item.priority
    ask()
    order.refresh()
    const now = uploader.$item(item.id).get()
    if (!now) return
    const isOther = now.priority !== previousPriority
    onMoved(item.id)
    sayPlace('moved', item.id, isOther ? now.priority : undefined)
    const position = placeOf(now, order)
    if (isOther || position !== previousPosition) onOrderChanged({ item: now, position, previousPosition, previousPriority })
  }

  function move(id: string, from: number, to: number): void {
    const now = scene()
    const item = now?.uploader.$item(id).get()
    if (!now || !item) return
    const { uploader, order, rows } = now
    const neighbours = neighboursAt(rows, from, to, (other) => order.position(other) !== undefined)
    const { index, priority } = placeBetween(id, neighbours, uploader.$ids.get(), (other) => uploader.$item(other).get()?.priority ?? 0)
    change(item, now, () => {
      if (priority !== item.priority) uploader.setPriority(id, priority)
      uploader.move(id, index)
    })
  }

  function canMove(id: string): boolean {
    const now = scene()
    const item = now?.uploader.$item(id).get()
    if (!now || !item) return false
    if (!item.mirrored && now.order.position(id) !== undefined) return true
    say(now.messages.queue.say.fixed(nameOf(item, now.messages), fixedReason(item, now.messages)))
    return false
  }

  return {
    canMove,
    move,
    moveTo(id, place) {
      const now = scene()
      const from = now?.rows.indexOf(id) ?? -1
      if (!now || from < 0 || !canMove(id)) return
      const to = Math.max(now.span.first, Math.min(now.span.last, place(from)))
      if (to === from) sayPlace('putBack', id)
      else move(id, from, to)
    },
    setPriority(id, priority) {
      const now = scene()
      const item = now?.uploader.$item(id).get()
      if (now && item && item.priority !== priority) change(item, now, () => now.uploader.setPriority(id, priority))
    },
    sayPlace: (what, id) => sayPlace(what, id),
  }
}

export function nameOf(item: UploadItem, messages: Messages): string {
  return displayName(item.name) || messages.unnamedFile
}

/** Why a file stays where it is. */
export function fixedReason(item: UploadItem, { queue }: Messages): string {
  return item.mirrored ? queue.fixed.elsewhere : queue.fixed.uploading
}
