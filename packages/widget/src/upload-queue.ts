import { EMPTY_SUMMARY, type Uploader, type UploadSummary } from '@upload-panel/core'
import { html, nothing, type TemplateResult, type PropertyValues } from 'lit'
import { state } from 'lit/decorators.js'
import { keyed } from 'lit/directives/keyed.js'
import { renderToolbar } from './panel/panel-toolbar.js'
import { createQueueOrder, type QueueOrder } from './queue/queue-order.js'
import { queueStyles } from './queue/queue-styles.js'
import { statistics, summaryDetails } from './queue/queue-summary.js'
import { QUEUE_ROW_PARTS, UploadQueueList } from './queue/upload-queue-list.js'
import { UploadQueueRow } from './queue/upload-queue-row.js'
import { setState } from './shared/custom-states.js'
import { define } from './shared/define.js'
import { focusKeeper } from './shared/focus-keeper.js'
import { icons } from './shared/icons.js'
import type { IdList } from './shared/id-list.js'
import { movedTo } from './shared/moving-bar.js'
import { storeController } from './shared/store-controller.js'
import { UploaderElement } from './shared/uploader-element.js'
import { controls } from './styles/controls.js'
import { tokens } from './styles/tokens.js'
import { directionOf } from './text/direction.js'

export type { OrderChangedDetail, UploadQueueEventMap } from './queue/queue-events.js'

/** A line breaks after the dot, never before it. */
const SEPARATOR = '\u00A0· '
/** Parts that the list hands on. */
const LIST_PARTS = `placeholder,menu,menu-item,${QUEUE_ROW_PARTS}`

/**
 * `<upload-queue>`: what uploads now, and what waits, in the order in which it will go. The person may change that order.
 *
 * Give it `for` with the id of an `<upload-panel>`, an `uploader`, or an `endpoint`. A file that waits is moved by its handle, with a mouse, a finger (a
 * long touch anywhere on the row does as well) or the keyboard; or from its menu, one press a step. Files of higher priority go first: one that
 * is dropped among them takes on as much priority as its new place asks for.
 *
 * The list is one tab stop. Keys: up, down, Home and End go from file to file; Alt with up or down moves a file by one place, with Shift as well to
 * the top or bottom; on the handle Space or Enter lifts a file and drops it, the arrows, Home and End move it meanwhile, and Escape puts it
 * back. Escape also ends a drag.
 *
 * Under a pointer rows do not move as files begin and end. While a file is moved the list holds still: files that begin, end or leave meanwhile take their places at the drop, and the moved one comes
 * to stand between those around it that still wait. If it begins itself, or leaves, the move ends.
 *
 * @element upload-queue
 *
 * @fires order-changed - A person has moved a file or given it another priority; `detail.item`, `position`, `previousPosition`, `previousPriority`
 *
 * @slot empty - Instead of what stands in a queue in which nothing waits and nothing goes
 *
 * @csspart panel - The box around everything
 * @csspart header - Title and summary line
 * @csspart title - `Queue`
 * @csspart summary - Bytes, speed, time left for the whole
 * @csspart total - Progress of the whole queue
 * @csspart statistics - How many wait, upload, are paused, done, failed
 * @csspart statistic - Each of them; also `statistic-waiting`, `-uploading`, `-paused`, `-done`, `-failed`
 * @csspart toolbar - What can be done to all files
 * @csspart button - Each button outside the rows; those with a name have `button-<name>` too
 * @csspart list - The scrolling list
 * @csspart empty - What stands instead of an empty list
 * @csspart placeholder - The place that a dragged file will have
 * @csspart menu - The menu of a row
 * @csspart menu-item - Each of its entries
 * @csspart row - One file; also `row-<phase>`
 * @csspart row-handle - What it is dragged by
 * @csspart row-position - Its number, or the sign of one that uploads
 * @csspart row-name - Its name
 * @csspart row-priority - Its priority, where that is not normal; also `row-priority-high`, `row-priority-low`
 * @csspart row-percent - Its percentage
 * @csspart row-badge - Its status, where there is more to it than that it waits
 * @csspart row-folder - The folder it came from
 * @csspart row-details - Sizes, speed, or what it waits for
 * @csspart row-bar - Its bar
 * @csspart row-fill - The filled part of its bar
 * @csspart row-button - Its buttons; also `row-button-pause`, `-resume`, `-retry`, `-choose-again`, `-cancel`, `-more`
 *
 * @cssstate empty - Nothing waits and nothing goes
 * @cssstate reordering - A file is being moved
 *
 * @cssprop --upload-panel-list-max-height - Height above which the list scrolls, a length (26rem)
 */
export class UploadQueue extends UploaderElement {
  static override readonly styles = [tokens, controls, queueStyles]

  @state() private news = { id: 0, text: '' }
  @state() private order: QueueOrder | undefined

  readonly #summary = storeController<UploadSummary>(this)
  readonly #ids = storeController<IdList>(this)

  constructor() {
    super()
    focusKeeper(this, () => this.#section)
  }

  protected override attach(uploader: Uploader): () => void {
    const order = createQueueOrder({
      uploader,
      nextFrame(callback) {
        const frame = requestAnimationFrame(callback)
        return () => cancelAnimationFrame(frame)
      },
    })
    this.order = order
    return () => {
      order.dispose()
      if (this.order === order) this.order = undefined
    }
  }

  protected override willUpdate(changed: PropertyValues): void {
    super.willUpdate(changed)
    // Asked for first: that is when the uploader is attached.
    const { uploader } = this
    this.#summary.follow(uploader?.$summary)
    this.#ids.follow(this.order)
    setState(this, 'empty', this.#isEmpty)
  }

  protected override render(): TemplateResult {
    const { uploader, words: messages } = this
    const { queue } = messages
    const summary = this.#summary.value ?? EMPTY_SUMMARY
    const isEmpty = this.#isEmpty
    return html`
      <section class="panel" part="panel" lang=${messages.locale} aria-label=${queue.title} tabindex="-1">
        <div class="header" part="header">
          <div class="heading">
            <h2 class="title" part="title"><bdi>${queue.title}</bdi></h2>
            <p class="summary" part="summary"><bdi dir=${directionOf(messages.locale)}>${summaryDetails(summary, messages).join(SEPARATOR)}</bdi></p>
          </div>
        </div>
        <div class="total ${isEmpty ? 'still' : ''}" part="total" aria-hidden="true">
          <div class="total-fill" ${movedTo(isEmpty ? 0 : summary.fraction)}></div>
        </div>
        <dl class="statistics" part="statistics" ?hidden=${summary.total === 0}>
          ${statistics(summary).map(
            ({ name, count }) => html`<div class="statistic ${name} ${count === 0 ? 'none' : ''}" part="statistic statistic-${name}">
              <dt>${queue.statistics[name]}</dt>
              <dd>${messages.formats.count(count)}</dd>
            </div>`,
          )}
        </dl>
        ${
          isEmpty
            ? html`<slot name="empty"
                ><div class="empty" part="empty">${icons.check}<strong>${queue.empty}</strong><span>${queue.emptyHint}</span></div></slot
              >`
            : html`<upload-queue-list
                part="list"
                exportparts=${LIST_PARTS}
                .uploader=${uploader}
                .order=${this.order}
                .messages=${messages}
                .say=${this.#say}
                .onFocusLost=${this.#focusSection}
                .onReordering=${this.#onReordering}
              ></upload-queue-list>`
        }
        ${uploader ? renderToolbar(uploader, summary, messages) : nothing}
      </section>
      <div class="visually-hidden" lang=${messages.locale} role="status">${keyed(this.news.id, html`<span>${this.news.text}</span>`)}</div>
    `
  }

  get #isEmpty(): boolean {
    return (this.#ids.value?.length ?? 0) === 0
  }

  get #section(): HTMLElement | null {
    return this.renderRoot.querySelector<HTMLElement>('.panel')
  }

  readonly #focusSection = () => this.#section?.focus({ preventScroll: true })

  readonly #say = (text: string) => (this.news = { id: this.news.id + 1, text })

  readonly #onReordering = (isReordering: boolean) => setState(this, 'reordering', isReordering)
}

// All in this one module, the only one of the queue's with a side effect: bundlers may drop unused imports from every other.
define('upload-queue-row', UploadQueueRow)
define('upload-queue-list', UploadQueueList)
define('upload-queue', UploadQueue)

declare global {
  interface HTMLElementTagNameMap {
    'upload-queue': UploadQueue
  }
}
