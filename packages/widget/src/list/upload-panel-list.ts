import type { Uploader } from '@upload-panel/core'
import { html, type PropertyValues, type TemplateResult } from 'lit'
import { property, query } from 'lit/decorators.js'
import { guard } from 'lit/directives/guard.js'
import { ref } from 'lit/directives/ref.js'
import { inPlace } from './in-place.js'
import { loadPicture } from './load-picture.js'
import { createPictures } from './pictures.js'
import { english } from '../messages/english.js'
import type { Messages } from '../messages/messages.js'
import type { IdList } from '../shared/id-list.js'
import { placeByKey } from '../shared/place-by-key.js'
import { storeController } from '../shared/store-controller.js'
import { StyledElement } from '../shared/styled-element.js'
import { controls } from '../styles/controls.js'
import { listStyles } from './list-styles.js'
import type { UploadPanelRow } from './upload-panel-row.js'
import { type WindowedRow, windowedRows } from './windowed-rows.js'

/** Height of a row without a problem line, in pixels. */
const ROW_HEIGHT = 72

const NO_IDS: readonly string[] = []

/** Parts of a row, as the panel hands them on. */
export const ROW_PARTS = [
  'row',
  ...['queued', 'preparing', 'ready', 'uploading', 'waiting', 'processing', 'completed', 'failed', 'cancelled'].map(
    (phase) => `row-${phase}`,
  ),
  ...[
    ...['thumbnail', 'name', 'percent', 'badge', 'folder', 'details', 'bar', 'fill', 'fill-transfer', 'fill-processing'],
    ...['problem', 'button', 'facts', 'result'],
  ].map((part) => `row-${part}`),
  ...['pause', 'resume', 'retry', 'choose-again', 'cancel', 'remove', 'details', 'copy'].map((action) => `row-button-${action}`),
].join(',')

/**
 * All files, of which only the visible ones exist as elements: ten thousand cost what ten cost.
 * One row is a tab stop and stays in the DOM wherever the list is scrolled to; the arrow keys, Home and End move it. Delete takes a file that
 * has ended off the list, Escape folds a row's details. Internal.
 */
export class UploadPanelList extends StyledElement {
  static override readonly styles = [controls, listStyles]

  @property({ attribute: false }) uploader: Uploader | undefined
  @property({ attribute: false }) messages: Messages = english
  /** The files to show, in this order; all, unless given. */
  @property({ attribute: false }) ids: IdList | undefined
  /** No pictures of files, only their types. */
  @property({ attribute: false }) noThumbnails = false
  /** Takes focus over when the last row has gone. */
  @property({ attribute: false }) onFocusLost: () => void = () => {}
  /** Hears which file the keyboard is at. */
  @property({ attribute: false }) onRowFocused: (id: string | undefined) => void = () => {}
  /** Whether there are no rows; an attribute, for styling. */
  @property({ type: Boolean, reflect: true }) empty = true

  @query('.scroller') private readonly scroller!: HTMLElement

  readonly #ids = storeController<readonly string[]>(this)
  readonly #rows = windowedRows(this, { scroller: () => this.scroller, rowHeight: ROW_HEIGHT })
  /** Set while the current row is to be focused once it is rendered: on this action's button, or on the last one. */
  #dueFocus: { readonly action: string | undefined } | undefined
  #openIds: ReadonlySet<string> = new Set()
  readonly #pictures = createPictures({
    load: loadPicture,
    setTimer(callback, ms) {
      const timer = setTimeout(callback, ms)
      return () => clearTimeout(timer)
    },
  })

  /** Scrolls to a file, unless its whole row is in view. Focus stays where it is. */
  async reveal(id: string): Promise<void> {
    await this.updateComplete
    const index = this.#rows.ids.indexOf(id)
    if (index >= 0 && !this.#rows.isInView(index)) this.#rows.scrollTo(index, 'start')
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#pictures.clear()
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const { uploader } = this
    if (changed.has('uploader')) {
      this.#ids.follow(uploader?.$ids)
      this.#pictures.clear()
    }
    const ids = this.ids ?? this.#ids.value ?? NO_IDS
    if (ids === this.#rows.ids) return
    const hadFocus = this.shadowRoot?.activeElement != null
    const keptCurrent = this.#rows.show(ids)
    if (!keptCurrent && hadFocus) this.#dueFocus = { action: undefined }
    this.empty = ids.length === 0
    const isThere = (id: string) => uploader?.$item(id).get() !== undefined
    this.#pictures.keepOnly(isThere)
    this.#openIds = new Set(Array.from(this.#openIds).filter(isThere))
  }

  protected override render(): TemplateResult {
    const { rows, height, isScrolling } = this.#rows
    return html`
      <div class="scroller" tabindex="-1" @keydown=${this.#onKeydown} @focusin=${this.#onFocusIn}>
        <span class="visually-hidden" id="hint">${this.messages.fileListHint}</span>
        <div
          class="rows"
          role="list"
          aria-label=${this.messages.fileList}
          aria-describedby="hint"
          .style=${`block-size:${height}px`}
          @row-resized=${this.#onRowResized}
          @row-toggled=${this.#onRowToggled}
        >
          ${inPlace(rows, (row) => this.#renderRow(row), isScrolling)}
        </div>
      </div>
    `
  }

  #renderRow({ id, index, top, isCurrent, isInView }: WindowedRow): unknown {
    const { uploader, messages } = this
    const { ids, isScrolling, watch } = this.#rows
    const isOpen = this.#openIds.has(id)
    const pictures = this.noThumbnails ? undefined : this.#pictures
    // Most steps of a scroll change one row. Without that, Lit would set the objects of all again, which it cannot know to be the same inside.
    return guard(
      [id, index, top, isCurrent, isInView, isScrolling, isOpen, ids.length, uploader, messages, pictures],
      () => html`<upload-panel-row
        role="listitem"
        exportparts=${ROW_PARTS}
        data-index=${index}
        aria-setsize=${ids.length}
        aria-posinset=${index + 1}
        .style=${`transform:translateY(${top}px)`}
        .uploader=${uploader}
        .itemId=${id}
        .messages=${messages}
        .isTabStop=${isCurrent}
        .isInView=${isInView}
        .isMoving=${isScrolling}
        .isOpen=${isOpen}
        .pictures=${pictures}
        ${ref(watch)}
      ></upload-panel-row>`,
    )
  }

  protected override updated(): void {
    if (!this.#dueFocus) return
    const { action } = this.#dueFocus
    this.#dueFocus = undefined
    const row = this.#currentRow()
    if (row) void row.updateComplete.then(() => row.focusAction(action))
    else this.onFocusLost()
  }

  #onRowResized(event: Event): void {
    this.#rows.resized(event.target as HTMLElement)
  }

  #onRowToggled(event: Event): void {
    this.#toggle((event.target as UploadPanelRow).itemId)
  }

  #toggle(id: string): void {
    const open = new Set(this.#openIds)
    if (!open.delete(id)) open.add(id)
    this.#openIds = open
    this.requestUpdate()
  }

  #onFocusIn(event: FocusEvent): void {
    const row = (event.target as Element).closest('upload-panel-row')
    const index = Number(row?.dataset.index)
    if (row && index !== this.#rows.current) this.#rows.setCurrent(index)
    this.onRowFocused(this.#rows.ids.at(index))
  }

  #onKeydown(event: KeyboardEvent): void {
    const row = this.#currentRow()
    if (!row?.matches(':focus-within') || event.altKey || event.ctrlKey || event.metaKey) return
    const target = placeByKey(event.key, this.#rows.current, 0, this.#rows.ids.length - 1)
    if (target !== undefined) {
      this.#dueFocus = { action: row.focusedAction }
      this.#rows.setCurrent(target)
      this.#rows.scrollTo(target)
    } else if (event.key === 'Escape' && row.isOpen) {
      this.#toggle(row.itemId)
      row.focusAction('details')
      // Once is enough: what is around the list may close at Escape, too.
      event.stopPropagation()
    } else if (event.key === 'Delete' && row.hasEnded) {
      // What has not ended would be cancelled by that: too much for one key.
      this.uploader?.remove(row.itemId)
    } else return
    event.preventDefault()
  }

  #currentRow(): UploadPanelRow | null {
    return this.renderRoot.querySelector<UploadPanelRow>(`upload-panel-row[data-index="${this.#rows.current}"]`)
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'upload-panel-list': UploadPanelList
  }
}
