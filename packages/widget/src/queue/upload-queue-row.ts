import type { UploadItem, Uploader } from '@upload-panel/core'
import { html, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { property } from 'lit/decorators.js'
import { repeat } from 'lit/directives/repeat.js'
import { type ItemView, viewItem } from '../list/item-view.js'
import { english } from '../messages/english.js'
import type { Messages } from '../messages/messages.js'
import { focusAction, focusedAction } from '../shared/action-focus.js'
import { chosenFile } from '../shared/chosen-file.js'
import { focusKeeper } from '../shared/focus-keeper.js'
import { icons } from '../shared/icons.js'
import { movedTo } from '../shared/moving-bar.js'
import { renderFileName } from '../shared/render-file-name.js'
import { storeController } from '../shared/store-controller.js'
import { directionOf } from '../text/direction.js'
import { StyledElement } from '../shared/styled-element.js'
import { controls } from '../styles/controls.js'
import { standingOf } from './line-up.js'
import { levelOf } from './priority.js'
import { fixedReason } from './queue-moves.js'
import { queueRowStyles } from './queue-row-styles.js'

export type QueueRowAction = 'handle' | 'pause' | 'resume' | 'retry' | 'choose-again' | 'cancel' | 'more'

const ITEM_ACTIONS = ['pause', 'resume', 'retry', 'choose-again', 'cancel'] as const

/** Opens what else can be done to a file. */
export interface MoreDetail {
  readonly id: string
  readonly anchor: HTMLElement
}

/** One file of the queue. Follows its own item and nothing else. Internal: its parts are handed on by `<upload-queue>`. */
export class UploadQueueRow extends StyledElement {
  static override readonly styles = [controls, queueRowStyles]

  @property({ attribute: false }) uploader: Uploader | undefined
  @property({ attribute: false }) itemId = ''
  @property({ attribute: false }) messages: Messages = english
  /** From 1, of those that wait; `undefined` for one that does not. */
  @property({ attribute: false }) position: number | undefined
  @property({ attribute: false }) total = 0
  /** Whether Tab stops here. One row of a list is reachable so; the arrow keys lead to the others. */
  @property({ attribute: false }) isTabStop = false
  /** Whether it is on its way to another place. */
  @property({ attribute: false }) isLifted = false
  /** Whether its menu is open. */
  @property({ attribute: false }) isOpen = false

  readonly #item = storeController<UploadItem | undefined>(this)
  #shown: { readonly item: UploadItem; readonly view: ItemView } | undefined

  constructor() {
    super()
    focusKeeper(this, () => this.#buttons().at(-1))
  }

  focusAction(action?: QueueRowAction): void {
    focusAction(this.#buttons(), action)
  }

  /** The action whose button has focus. */
  get focusedAction(): QueueRowAction | undefined {
    return focusedAction(this.shadowRoot) as QueueRowAction | undefined
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('uploader') || changed.has('itemId')) {
      this.#item.follow(this.uploader?.$item(this.itemId))
      this.#shown = undefined
    }
    // A file that was removed stays as it was until the list takes its row out: emptied first, the row would lose the focus that the list hands on.
    const item = this.#item.value
    if (item) this.#shown = { item, view: viewItem(item, this.messages) }
  }

  protected override render(): TemplateResult | typeof nothing {
    if (!this.#shown) return nothing
    const { messages, position, total } = this
    const { item, view } = this.#shown
    const level = levelOf(item.priority)
    const place = position === undefined ? view.badge : messages.queue.position(position, total)
    const classes = ['row', view.tone, position === undefined ? 'active' : 'waiting', this.isLifted && 'lifted'].filter(Boolean)
    return html`
      <div class=${classes.join(' ')} part="row row-${item.phase}">
        ${this.#renderHandle(item, view.name, place)}
        <span class="position" part="row-position" aria-hidden="true">${position === undefined ? icons.upload : messages.formats.count(position)}</span>
        <div class="body">
          <div class="line">
            ${renderFileName(view.name, 'row-name')}
            ${
              level === 'normal' || standingOf(item) !== 'waiting'
                ? nothing
                : html`<span class="priority ${level}" part="row-priority row-priority-${level}"
                    ><span class="visually-hidden">${messages.queue.priority}: </span><bdi>${messages.queue.level[level]}</bdi></span
                  >`
            }
            ${position === undefined && view.percent !== undefined ? html`<span class="percent" part="row-percent" aria-hidden="true">${view.percent}</span>` : nothing}
          </div>
          <div class="line status">
            ${isPlain(item) ? nothing : html`<span class="badge" part="row-badge"><bdi>${view.badge}</bdi></span>`}
            ${view.folder === undefined ? nothing : html`<bdi class="folder" part="row-folder">${view.folder}</bdi>`}
            <bdi
              class="details"
              part="row-details"
              dir=${view.problem === undefined ? directionOf(this.messages.locale) : 'auto'}
              title=${view.problem ?? nothing}
              >${view.problem ?? view.details.join(' · ')}</bdi>
          </div>
          ${position === undefined && view.bar ? this.#renderBar(view) : nothing}
        </div>
        <div class="actions">${this.#renderActions(view)}</div>
      </div>
      ${view.actions.includes('choose-again') ? html`<input type="file" hidden @change=${this.#onFileChosen} />` : nothing}
    `
  }

  #renderHandle(item: UploadItem, name: string, place: string): TemplateResult {
    const { queue } = this.messages
    const canMove = standingOf(item) === 'waiting' && !item.mirrored
    return html`<button
        type="button"
        class="handle"
        part="row-button row-handle"
        data-action="handle"
        tabindex=${this.isTabStop ? 0 : -1}
        title=${canMove ? queue.handle : fixedReason(item, this.messages)}
        aria-label=${`${this.messages.actionOn(queue.handle, name)}, ${place}`}
        aria-describedby="hint"
        aria-disabled=${canMove ? nothing : 'true'}
        aria-pressed=${this.isLifted}
      >
        ${icons.handle}</button
      ><span class="visually-hidden" id="hint">${canMove ? queue.handleHint : fixedReason(item, this.messages)}</span>`
  }

  #renderBar({ name, percent, badge, bar }: ItemView): TemplateResult {
    const fraction = bar?.fraction ?? 0
    return html`<div
      class="bar transfer"
      part="row-bar"
      role="progressbar"
      aria-label=${this.messages.progressOf(name)}
      aria-valuemin="0"
      aria-valuemax="100"
      aria-valuenow=${Math.floor(fraction * 100)}
      aria-valuetext=${[badge, percent].filter(Boolean).join(', ')}
    >
      <div class="fill" part="row-fill" ${movedTo(fraction)}></div>
    </div>`
  }

  #renderActions({ name, actions }: ItemView): unknown {
    const { messages, isTabStop } = this
    const shown = [...ITEM_ACTIONS.filter((action) => actions.includes(action)), 'more' as const]
    return repeat(
      shown,
      // By its place: Pause and Resume are one button to the person, who may press it twice and must not find Cancel there.
      (_, index) => shown.length - index,
      (action) => {
        const isMenu = action === 'more'
        const label = isMenu ? messages.queue.more : messages.action[action === 'choose-again' ? 'chooseAgain' : action]
        return html`<button
          type="button"
          class="icon-button"
          part="row-button row-button-${action}"
          data-action=${action}
          tabindex=${isTabStop ? 0 : -1}
          title=${label}
          aria-label=${messages.actionOn(label, name)}
          aria-haspopup=${isMenu ? 'menu' : nothing}
          aria-expanded=${isMenu ? String(this.isOpen) : nothing}
          @click=${(event: Event) => this.#run(action, event)}
        >
          ${icons[action]}
        </button>`
      },
    )
  }

  #run(action: Exclude<QueueRowAction, 'handle'>, { currentTarget }: Event): void {
    if (action === 'choose-again') return this.renderRoot.querySelector('input')?.click()
    if (action !== 'more') return this.uploader?.[action](this.itemId)
    if (!(currentTarget instanceof HTMLElement)) return
    const detail: MoreDetail = { id: this.itemId, anchor: currentTarget }
    this.dispatchEvent(new CustomEvent('queue-more', { detail, bubbles: true }))
  }

  #onFileChosen(event: Event): void {
    const file = chosenFile(event)
    if (file) this.uploader?.replaceFile(this.itemId, file)
  }

  #buttons(): readonly HTMLButtonElement[] {
    return Array.from(this.renderRoot.querySelectorAll('button'))
  }
}

/** What waits and nothing else needs no badge: its number says so. */
function isPlain(item: UploadItem): boolean {
  if (item.phase === 'uploading') return true
  return !item.paused && (item.phase === 'queued' || item.phase === 'preparing' || item.phase === 'ready')
}

declare global {
  interface HTMLElementTagNameMap {
    'upload-queue-row': UploadQueueRow
  }
}
