import type { Uploader, UploadItem } from '@upload-panel/core'
import { html, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { property, query } from 'lit/decorators.js'
import { ref } from 'lit/directives/ref.js'
import { inPlace } from '../list/in-place.js'
import { type WindowedRow, windowedRows } from '../list/windowed-rows.js'
import { english } from '../messages/english.js'
import type { Messages } from '../messages/messages.js'
import type { IdList } from '../shared/id-list.js'
import { placeByKey } from '../shared/place-by-key.js'
import { storeController } from '../shared/store-controller.js'
import { StyledElement } from '../shared/styled-element.js'
import { controls } from '../styles/controls.js'
import { pageTimer } from '../text/voice.js'
import { createGlidingRows } from './gliding-rows.js'
import { menuController } from './menu-controller.js'
import { LEVELS, priorityOf } from './priority.js'
import { queueListStyles } from './queue-list-styles.js'
import { type MenuAction, renderMenu } from './queue-menu.js'
import type { UploadQueueEventMap } from './queue-events.js'
import { createQueueMoves, type MoveScene, nameOf } from './queue-moves.js'
import type { QueueOrder } from './queue-order.js'
import { type Lift, reorderController } from './reorder-controller.js'
import { type MoreDetail, type QueueRowAction, UploadQueueRow } from './upload-queue-row.js'

/** Height of a row in pixels, unless its text is larger. */
const ROW_HEIGHT = 61

const NO_IDS: IdList = []

/** Parts of a row, as the queue hands them on. */
export const QUEUE_ROW_PARTS = [
  'row',
  ...['queued', 'preparing', 'ready', 'uploading', 'waiting', 'processing', 'completed', 'failed', 'cancelled'].map(
    (phase) => `row-${phase}`,
  ),
  ...['handle', 'position', 'name', 'priority', 'priority-high', 'priority-low', 'percent', 'badge', 'folder', 'details', 'bar'].map(
    (part) => `row-${part}`,
  ),
  ...['fill', 'button', 'button-pause', 'button-resume', 'button-retry', 'button-choose-again', 'button-cancel', 'button-more'].map(
    (part) => `row-${part}`,
  ),
].join(',')

/** The files of the queue in their order, of which only the visible ones exist as elements, and all the ways to change that order. Internal. */
export class UploadQueueList extends StyledElement {
  static override readonly styles = [controls, queueListStyles]

  @property({ attribute: false }) uploader: Uploader | undefined
  @property({ attribute: false }) order: QueueOrder | undefined
  @property({ attribute: false }) messages: Messages = english
  /** Tells people who cannot see it what happened. */
  @property({ attribute: false }) say: (text: string) => void = () => {}
  /** Takes focus over when the last row has gone. */
  @property({ attribute: false }) onFocusLost: () => void = () => {}
  @property({ attribute: false }) onReordering: (isReordering: boolean) => void = () => {}

  @query('.scroller') private readonly scroller!: HTMLElement

  readonly #ids = storeController<IdList>(this)
  readonly #rows = windowedRows(this, { scroller: () => this.scroller, rowHeight: ROW_HEIGHT })
  readonly #reorder = reorderController(this, {
    scroller: () => this.scroller,
    row: (index) => this.#rowAt(index),
    idAt: (index) => this.#rows.ids.at(index),
    span: () => this.#span,
    canLift: (id) => this.#moves.canMove(id),
    onLifted: (lift) => this.#onLifted(lift),
    onOver: (lift) => this.#onOver(lift),
    onDropped: (lift) => this.#onDropped(lift),
    onPutBack: (lift) => this.#onPutBack(lift),
    onEnded: () => this.onReordering(false),
    setTimer: pageTimer,
  })
  readonly #gliding = createGlidingRows(this.#reorder, (index) => this.#rowAt(index))
  readonly #moves = createQueueMoves({
    scene: () => this.#scene(),
    say: (text) => this.say(text),
    onMoved: (id) => this.#onMoved(id),
    onOrderChanged: (detail) => this.#tell('order-changed', detail),
  })
  readonly #menu = menuController(this, {
    menu: () => this.renderRoot.querySelector<HTMLElement>('.menu'),
    onFocusDue: () => this.#dueFocusOn('more'),
  })
  /** Rows of files that wait, of those on show. */
  #span = { first: 0, last: -1 }
  /** The current file was moved: its row is to be in sight. */
  #isRevealDue = false
  #liftedName = ''
  #isUnderPointer = false
  /** Of the order on show. */
  #edition: number | undefined
  /** Set while the current row is to be focused once it is rendered: on this action's button, or on the last one. */
  #dueFocus: { readonly action: QueueRowAction | undefined } | undefined

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('order')) {
      this.#reorder.abandon()
      this.#ids.follow(this.order)
      this.#edition = undefined
    }
    this.#endVainLift()
    if (this.#isHeld) return
    this.#edition = this.order?.edition
    const ids = this.#ids.value ?? NO_IDS
    this.#span = { first: this.order?.activeCount ?? 0, last: ids.length - 1 }
    if (ids === this.#rows.ids) return
    const hadFocus = this.shadowRoot?.activeElement != null
    const keptCurrent = this.#rows.show(ids)
    if (!keptCurrent && hadFocus) this.#dueFocus = { action: undefined }
    if (this.#isRevealDue) this.#rows.scrollTo(this.#rows.current)
    this.#isRevealDue = false
    if (this.#menu.openFor !== undefined && ids.indexOf(this.#menu.openFor) < 0) this.#menu.close()
  }

  /**
   * Rows stay where they are while one is pressed or moved; and under a pointer, or beside an open menu, as long as files only begin and end:
   * whoever reaches for a row must not press another one.
   */
  get #isHeld(): boolean {
    if (this.#reorder.isHolding) return true
    return (this.#isUnderPointer || this.#menu.openFor !== undefined) && this.#edition === this.order?.edition
  }

  protected override render(): TemplateResult {
    const { queue } = this.messages
    const { lift, onPointerDown } = this.#reorder
    const { height, rows, isScrolling } = this.#rows
    return html`
      <div
        class="scroller ${lift ? 'reordering' : ''}"
        tabindex="-1"
        @pointerdown=${onPointerDown}
        @pointerenter=${this.#onPointerOver}
        @pointerleave=${this.#onPointerOver}
        @touchmove=${{ handleEvent: this.#reorder.onTouchMove, passive: false }}
        @keydown=${this.#onKeydown}
        @focusin=${this.#onFocusIn}
        @focusout=${this.#onFocusOut}
        @click=${this.#onClick}
        @scroll=${this.#menu.onScroll}
        @queue-more=${this.#onMore}
      >
        <span class="visually-hidden" id="hint">${queue.hint}</span>
        <div class="rows" role="list" aria-label=${queue.list} aria-describedby="hint" .style=${`block-size:${height}px`}>
          ${lift?.by === 'pointer' ? this.#renderPlaceholder(lift) : nothing} ${inPlace(rows, (row) => this.#renderRow(row), isScrolling)}
        </div>
      </div>
      ${this.#renderMenu()}
    `
  }

  #renderRow(row: WindowedRow): TemplateResult {
    const { id, index, isCurrent } = row
    const { order, messages } = this
    const { lift } = this.#reorder
    const isLifted = lift?.id === id
    return html`<upload-queue-row
      role="listitem"
      class=${isLifted ? 'lifted' : ''}
      exportparts=${QUEUE_ROW_PARTS}
      data-index=${index}
      aria-setsize=${this.#rows.ids.length}
      aria-posinset=${index + 1}
      .style=${this.#transform(row)}
      .uploader=${this.uploader}
      .itemId=${id}
      .messages=${messages}
      .position=${this.#position(id, index)}
      .total=${order?.waitingCount ?? 0}
      .isTabStop=${isCurrent}
      .isLifted=${isLifted}
      .isOpen=${this.#menu.openFor === id}
      ${ref(this.#rows.watch)}
    ></upload-queue-row>`
  }

  /** A dragged row is placed by its pointer, frame by frame. */
  #transform(row: WindowedRow): string {
    const { lift } = this.#reorder
    if (lift?.id === row.id && lift.by === 'pointer') return 'will-change:transform'
    return `transform:translateY(${this.#gliding.topOf(row)}px)`
  }

  /** Its number; while a file is moved, the one that it would have at the drop. */
  #position(id: string, index: number): number | undefined {
    const position = this.order?.position(id)
    const { lift } = this.#reorder
    if (!lift || position === undefined) return position
    const place = lift.id === id ? lift.to : index + Math.sign(this.#reorder.shift(index))
    return place - this.#span.first + 1
  }

  #renderPlaceholder({ to }: Lift): TemplateResult {
    const height = this.#reorder.rowHeight
    return html`<div class="placeholder" part="placeholder" .style=${`block-size:${height}px;transform:translateY(${to * height}px)`}></div>`
  }

  #renderMenu(): TemplateResult {
    const { messages } = this
    const id = this.#menu.openFor
    const item = id === undefined ? undefined : this.#item(id)
    const name = item ? nameOf(item, messages) : ''
    const position = item && !item.mirrored ? this.order?.position(item.id) : undefined
    const entries =
      item &&
      renderMenu({
        item,
        name,
        canMoveUp: position !== undefined && position > 1,
        canMoveDown: position !== undefined && position < (this.order?.waitingCount ?? 0),
        messages,
        onChosen: (action) => this.#choose(item, action),
      })
    return this.#menu.render(messages.actionOn(messages.queue.more, name), messages.locale, entries)
  }

  protected override updated(): void {
    this.#gliding.drawn(this.#rows.rows)
    if (!this.#dueFocus) return
    const { action } = this.#dueFocus
    this.#dueFocus = undefined
    const row = this.#rowAt(this.#rows.current)
    if (row) void row.updateComplete.then(() => row.focusAction(action))
    else this.onFocusLost()
  }

  // -- moving --------------------------------------------------------------------------------------------------------------------------

  #onLifted({ id, from }: Lift): void {
    const item = this.#item(id)
    this.#liftedName = item ? nameOf(item, this.messages) : ''
    this.#rows.setCurrent(from)
    this.#dueFocusOn('handle')
    this.#moves.sayPlace('lifted', id)
    this.onReordering(true)
  }

  #onOver({ to, by }: Lift): void {
    if (by === 'pointer') return
    this.#rows.scrollTo(to)
    this.say(this.messages.queue.say.over(to - this.#span.first + 1, this.#span.last - this.#span.first + 1))
  }

  #onDropped({ id, from, to }: Lift): void {
    this.#gliding.settle(id)
    this.#moves.move(id, from, to)
    this.#dueFocusOn('handle')
  }

  #onPutBack({ id, by }: Lift): void {
    this.#gliding.settle(id)
    if (by === 'keyboard') this.#rows.scrollTo(this.#rows.current)
    this.#moves.sayPlace('putBack', id)
  }

  #onMoved(id: string): void {
    this.#gliding.moved()
    this.#isRevealDue = this.#rows.ids.at(this.#rows.current) === id
  }

  /** A file that has begun, or is gone, cannot be moved any more. */
  #endVainLift(): void {
    const { lift } = this.#reorder
    if (!lift || this.order?.position(lift.id) !== undefined) return
    const { started, left } = this.messages.queue.say
    this.#reorder.abandon()
    this.#gliding.settle(lift.id)
    this.say(this.#item(lift.id)?.phase === 'uploading' ? started(this.#liftedName) : left(this.#liftedName))
  }

  #choose(item: UploadItem, action: MenuAction): void {
    const { id } = item
    this.#menu.close()
    const level = LEVELS.find((one) => one === action)
    if (level) return this.#moves.setPriority(id, priorityOf(level, item.priority))
    switch (action) {
      case 'to-top':
        return this.#moves.moveTo(id, () => this.#span.first)
      case 'up':
        return this.#moves.moveTo(id, (from) => from - 1)
      case 'down':
        return this.#moves.moveTo(id, (from) => from + 1)
      case 'to-bottom':
        return this.#moves.moveTo(id, () => this.#span.last)
      case 'pause':
      case 'resume':
      case 'cancel':
        return this.uploader?.[action](id)
      default:
    }
  }

  // -- keyboard, focus, menu -----------------------------------------------------------------------------------------------------------

  #onKeydown(event: KeyboardEvent): void {
    const row = this.#rowAt(this.#rows.current)
    if (!row?.matches(':focus-within') || event.ctrlKey || event.metaKey) return
    // Held down, it would lift and drop the row again and again.
    if (event.repeat && (event.key === 'Enter' || event.key === ' ') && row.focusedAction === 'handle') event.preventDefault()
    else if (this.#reorder.lift) this.#onKeyWhileLifted(event, this.#reorder.lift)
    else if (event.altKey) this.#onMoveKey(event, row.itemId)
    else this.#onListKey(event, row)
  }

  #onKeyWhileLifted(event: KeyboardEvent, lift: Lift): void {
    if (lift.by === 'pointer') return
    if (event.key === 'Escape' || event.key === 'Tab') {
      this.#reorder.putBack()
      // Of the move alone, and not of a dialog around the list.
      event.stopPropagation()
      if (event.key === 'Escape') event.preventDefault()
      return
    }
    const { first, last } = this.#span
    const target = event.altKey ? undefined : placeByKey(event.key, lift.to, first, last)
    if (target === undefined) return
    event.preventDefault()
    this.#reorder.moveTo(target)
  }

  #onMoveKey(event: KeyboardEvent, id: string): void {
    const { key, shiftKey } = event
    if (key !== 'ArrowUp' && key !== 'ArrowDown') return
    event.preventDefault()
    const { first, last } = this.#span
    this.#dueFocusOn(this.#rowAt(this.#rows.current)?.focusedAction)
    this.#moves.moveTo(id, (from) => (key === 'ArrowUp' ? (shiftKey ? first : from - 1) : shiftKey ? last : from + 1))
  }

  #onListKey(event: KeyboardEvent, row: UploadQueueRow): void {
    const target = placeByKey(event.key, this.#rows.current, 0, this.#rows.ids.length - 1)
    if (target === undefined) return
    event.preventDefault()
    this.#dueFocusOn(row.focusedAction)
    this.#rows.setCurrent(target)
    this.#rows.scrollTo(target)
  }

  /** The handle, pressed by keyboard or by assistive technology: a pointer has done its work when its click comes. */
  #onClick(event: MouseEvent): void {
    const button = event.composedPath().find((target) => target instanceof HTMLElement && target.dataset.action === 'handle')
    if (!button || event.detail > 0) return
    if (this.#reorder.lift) this.#reorder.drop()
    else this.#reorder.lifted(this.#rows.current)
  }

  #onFocusIn(event: FocusEvent): void {
    const row = event.composedPath().find((target): target is UploadQueueRow => target instanceof UploadQueueRow)
    const index = Number(row?.dataset.index)
    if (row && index !== this.#rows.current) this.#rows.setCurrent(index)
  }

  /** A file that was lifted by keyboard is put back when focus leaves it: nobody could drop it any more. */
  #onFocusOut(): void {
    if (this.#reorder.lift?.by !== 'keyboard') return
    requestAnimationFrame(() => {
      const { lift } = this.#reorder
      if (lift?.by !== 'keyboard' || !this.ownerDocument.hasFocus()) return
      if (!this.#rowAt(lift.from)?.matches(':focus-within')) this.#reorder.putBack()
    })
  }

  #onPointerOver({ type, pointerType }: PointerEvent): void {
    // A finger rests on nothing.
    this.#isUnderPointer = type === 'pointerenter' && pointerType === 'mouse'
    this.requestUpdate()
  }

  #onMore(event: CustomEvent<MoreDetail>): void {
    const { id, anchor } = event.detail
    if (this.#menu.openFor === id) this.#menu.close()
    else this.#menu.open(id, anchor)
    // Not every engine gives focus to a button that is pressed.
    this.#rows.setCurrent(this.#rows.ids.indexOf(id))
  }

  #scene(): MoveScene | undefined {
    const { uploader, order, messages } = this
    return uploader && order && { uploader, order, messages, rows: this.#rows.ids, span: this.#span }
  }

  #tell<E extends keyof UploadQueueEventMap>(type: E, detail: UploadQueueEventMap[E]['detail']): void {
    this.dispatchEvent(new CustomEvent(type, { detail: Object.freeze(detail), bubbles: true, composed: true }))
  }

  #dueFocusOn(action: QueueRowAction | undefined): void {
    this.#dueFocus = { action }
    this.requestUpdate()
  }

  #rowAt(index: number): UploadQueueRow | null {
    return this.renderRoot.querySelector<UploadQueueRow>(`upload-queue-row[data-index="${index}"]`)
  }

  #item(id: string): UploadItem | undefined {
    return this.uploader?.$item(id).get()
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'upload-queue-list': UploadQueueList
  }
}
