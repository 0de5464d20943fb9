import {
  defaultRangeExtractor,
  observeElementRect,
  type Range,
  VirtualizerController,
  type VirtualizerOptions,
} from '@tanstack/lit-virtual'
import type { Uploader } from '@upload-panel/core'
import { html, LitElement, type PropertyValues, type TemplateResult } from 'lit'
import { property, query } from 'lit/decorators.js'
import { ref } from 'lit/directives/ref.js'
import { repeat } from 'lit/directives/repeat.js'
import type { RowAction } from './item-view.js'
import { english } from '../messages/english.js'
import type { Messages } from '../messages/messages.js'
import { storeController } from '../shared/store-controller.js'
import { controls } from '../styles/controls.js'
import { listStyles } from './list-styles.js'
import type { UploadPanelRow } from './upload-panel-row.js'

/** Height of a row without a problem line, in pixels; each row is measured once it stands. */
const ROW_HEIGHT = 72
/** Rows above and below the visible ones, so that a quick scroll meets no gap. */
const OVERSCAN = 4
/** The list counts as at least so high: rows must exist before the browser has laid out, let alone measured, a list that was empty. */
const LEAST_VIEWPORT = 416

const NO_IDS: readonly string[] = []

/** Parts of a row, as the panel hands them on. */
export const ROW_PARTS = [
  'row',
  ...['queued', 'preparing', 'ready', 'uploading', 'waiting', 'processing', 'completed', 'failed', 'cancelled'].map(
    (phase) => `row-${phase}`,
  ),
  ...['thumbnail', 'name', 'percent', 'badge', 'folder', 'details', 'bar', 'fill', 'problem', 'button'].map((part) => `row-${part}`),
  ...['pause', 'resume', 'retry', 'choose-again', 'cancel', 'remove'].map((action) => `row-button-${action}`),
].join(',')

/**
 * All files, of which only the visible ones exist as elements: ten thousand cost what ten cost.
 * One row is a tab stop and stays in the DOM wherever the list is scrolled to; the arrow keys, Home and End move it. Internal.
 */
export class UploadPanelList extends LitElement {
  static override readonly styles = [controls, listStyles]

  @property({ attribute: false }) uploader: Uploader | undefined
  @property({ attribute: false }) messages: Messages = english
  /** Takes focus over when the last row has gone. */
  @property({ attribute: false }) onFocusLost: () => void = () => {}
  /** Whether there are no rows; an attribute, for styling. */
  @property({ type: Boolean, reflect: true }) empty = true

  @query('.scroller') private readonly scroller!: HTMLElement

  readonly #ids = storeController<readonly string[]>(this)
  #shownIds: readonly string[] = NO_IDS
  #currentIndex = 0
  /** Set while the current row is to be focused once it is rendered: on this action's button, or on the last one. */
  #dueFocus: { readonly action: RowAction | undefined } | undefined

  readonly #rows = new VirtualizerController<HTMLElement, HTMLElement>(this, {
    count: 0,
    getScrollElement: () => this.scroller,
    estimateSize: () => ROW_HEIGHT,
    overscan: OVERSCAN,
    rangeExtractor: withIndex(0),
    initialRect: { width: 400, height: LEAST_VIEWPORT },
    observeElementRect: (virtualizer, tell) =>
      observeElementRect(virtualizer, ({ width, height }) => tell({ width, height: Math.max(height, LEAST_VIEWPORT) })),
    // Measured inside the observer, a row would move others within the same frame, and the browser reports a "ResizeObserver loop" to the page.
    useAnimationFrameWithResizeObserver: true,
    // A new row counts as the estimate until the observer has news: asking each for its height would force a layout for each.
    // Then it is asked, and not the observer's entry believed, which is a frame old and may have been overtaken by `row-resized`.
    measureElement: (element, entry, virtualizer) => {
      if (entry) return element.offsetHeight
      return virtualizer.itemSizeCache.get(virtualizer.options.getItemKey(virtualizer.indexFromElement(element))) ?? ROW_HEIGHT
    },
  })

  readonly #measure = (row: Element | undefined) => {
    if (row) this.#rows.getVirtualizer().measureElement(row as HTMLElement)
  }

  /** Scrolls to a file, unless its whole row is in view. Focus stays where it is. */
  async reveal(id: string): Promise<void> {
    await this.updateComplete
    const index = this.#shownIds.indexOf(id)
    const virtualizer = this.#rows.getVirtualizer()
    const row = virtualizer.measurementsCache[index]
    const { scrollTop, clientHeight } = this.scroller
    if (row === undefined || (row.start >= scrollTop && row.end <= scrollTop + clientHeight)) return
    virtualizer.scrollToIndex(index, { align: 'start' })
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('uploader')) this.#ids.follow(this.uploader?.$ids)
    const ids = this.#ids.value ?? NO_IDS
    if (ids === this.#shownIds) return
    this.#keepCurrent(ids)
    this.#shownIds = ids
    this.empty = ids.length === 0
    // New functions are how the virtualiser learns that keys and range have changed.
    this.#setOptions({ count: ids.length, getItemKey: (index: number) => ids[index] ?? index })
  }

  protected override render(): TemplateResult {
    const virtualizer = this.#rows.getVirtualizer()
    const ids = this.#shownIds
    return html`
      <div class="scroller" tabindex="-1" @keydown=${this.#onKeydown} @focusin=${this.#onFocusIn}>
        <span class="visually-hidden" id="hint">${this.messages.fileListHint}</span>
        <div
          class="rows"
          role="list"
          aria-label=${this.messages.fileList}
          aria-describedby="hint"
          .style=${`block-size:${virtualizer.getTotalSize()}px`}
        >
          ${repeat(
            virtualizer.getVirtualItems(),
            ({ key }) => key,
            ({ index, start }) => html`<upload-panel-row
              role="listitem"
              exportparts=${ROW_PARTS}
              data-index=${index}
              aria-setsize=${ids.length}
              aria-posinset=${index + 1}
              .style=${`transform:translateY(${start}px)`}
              .uploader=${this.uploader}
              .itemId=${ids[index] ?? ''}
              .messages=${this.messages}
              .isTabStop=${index === this.#currentIndex}
              @row-resized=${this.#onRowResized}
              ${ref(this.#measure)}
            ></upload-panel-row>`,
          )}
        </div>
      </div>
    `
  }

  protected override updated(): void {
    if (!this.#dueFocus) return
    const { action } = this.#dueFocus
    this.#dueFocus = undefined
    const row = this.#currentRow()
    if (row) void row.updateComplete.then(() => row.focusAction(action))
    else this.onFocusLost()
  }

  /** The current row follows its file; where the file has left, the one that took its place is next. */
  #keepCurrent(ids: readonly string[]): void {
    const current = this.#shownIds[this.#currentIndex]
    if (current === undefined || ids[this.#currentIndex] === current) return
    const hadFocus = this.shadowRoot?.activeElement != null
    const index = ids.indexOf(current)
    if (index < 0 && hadFocus) this.#dueFocus = { action: undefined }
    this.#setCurrent(index < 0 ? Math.max(0, Math.min(this.#currentIndex, ids.length - 1)) : index)
  }

  #setCurrent(index: number): void {
    this.#currentIndex = index
    this.#setOptions({ rangeExtractor: withIndex(index) })
    this.requestUpdate()
  }

  #setOptions(options: Partial<VirtualizerOptions<HTMLElement, HTMLElement>>): void {
    const virtualizer = this.#rows.getVirtualizer()
    virtualizer.setOptions({ ...virtualizer.options, ...options })
  }

  #onRowResized(event: Event): void {
    const row = event.target as HTMLElement
    this.#rows.getVirtualizer().resizeItem(Number(row.dataset.index), row.offsetHeight)
  }

  #onFocusIn(event: FocusEvent): void {
    const row = (event.target as Element).closest('upload-panel-row')
    const index = Number(row?.dataset.index)
    if (row && index !== this.#currentIndex) this.#setCurrent(index)
  }

  #onKeydown(event: KeyboardEvent): void {
    const last = this.#shownIds.length - 1
    const target = targetOf(event, this.#currentIndex, last)
    const row = this.#currentRow()
    if (target === undefined || !row?.matches(':focus-within')) return
    event.preventDefault()
    this.#dueFocus = { action: row.focusedAction }
    this.#setCurrent(target)
    this.#rows.getVirtualizer().scrollToIndex(target, { align: 'auto' })
  }

  #currentRow(): UploadPanelRow | null {
    return this.renderRoot.querySelector<UploadPanelRow>(`upload-panel-row[data-index="${this.#currentIndex}"]`)
  }
}

/** The rows in view, and the current one wherever it is. */
function withIndex(index: number): (range: Range) => number[] {
  return (range) => {
    const indexes = defaultRangeExtractor(range)
    if (index >= range.count || indexes.includes(index)) return indexes
    return [...indexes, index].sort((a, b) => a - b)
  }
}

function targetOf({ key, altKey, ctrlKey, metaKey }: KeyboardEvent, current: number, last: number): number | undefined {
  if (altKey || ctrlKey || metaKey) return undefined
  switch (key) {
    case 'ArrowDown':
      return Math.min(current + 1, last)
    case 'ArrowUp':
      return Math.max(current - 1, 0)
    case 'Home':
      return 0
    case 'End':
      return last
    default:
      return undefined
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'upload-panel-list': UploadPanelList
  }
}
