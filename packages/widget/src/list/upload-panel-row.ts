import type { Uploader, UploadItem } from '@upload-panel/core'
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { property, state } from 'lit/decorators.js'
import { repeat } from 'lit/directives/repeat.js'
import { extensionOf } from '../text/file-name.js'
import { focusKeeper } from '../shared/focus-keeper.js'
import { icons } from '../shared/icons.js'
import { renderFileName } from '../shared/render-file-name.js'
import { type BarView, type ItemView, type RowAction, viewItem } from './item-view.js'
import { english } from '../messages/english.js'
import type { Messages } from '../messages/messages.js'
import { thumbnailUrl } from '../shared/safe-url.js'
import { storeController } from '../shared/store-controller.js'
import { controls } from '../styles/controls.js'
import { rowStyles } from './row-styles.js'

/**
 * One file. Follows its own item and nothing else, so that a file's progress renders one row.
 * Internal: its parts are handed on by `<upload-panel>`.
 */
export class UploadPanelRow extends LitElement {
  static override readonly styles = [controls, rowStyles]

  @property({ attribute: false }) uploader: Uploader | undefined
  @property({ attribute: false }) itemId = ''
  @property({ attribute: false }) messages: Messages = english
  /** Whether Tab stops here. One row of a list is reachable so; the arrow keys lead to the others. */
  @property({ attribute: false }) isTabStop = false

  /** A picture that could not be loaded, so that its place shows the file's type again. */
  @state() private brokenPicture: string | undefined

  readonly #item = storeController<UploadItem | undefined>(this)
  #shown: { readonly item: UploadItem; readonly view: ItemView } | undefined
  #measuredProblem: string | undefined

  constructor() {
    super()
    focusKeeper(this, () => this.#buttons().at(-1))
  }

  /** Focuses the button of an action, or the last button where the item has no such action. */
  focusAction(action?: RowAction): void {
    const buttons = this.#buttons()
    const button = buttons.find((candidate) => candidate.dataset.action === action) ?? buttons.at(-1)
    button?.focus({ preventScroll: true })
  }

  /** The action whose button has focus. */
  get focusedAction(): RowAction | undefined {
    const focused = this.shadowRoot?.activeElement
    return focused instanceof HTMLElement ? (focused.dataset.action as RowAction | undefined) : undefined
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
    const { item, view } = this.#shown
    return html`
      <div class="row ${view.tone}" part="row row-${item.phase}">
        <div class="thumbnail" part="row-thumbnail" aria-hidden="true">${this.#thumbnail(item)}</div>
        <div class="body">
          <div class="line">
            ${renderFileName(view.name, 'row-name')}
            ${view.percent === undefined ? nothing : html`<span class="percent" part="row-percent" aria-hidden="true">${view.percent}</span>`}
          </div>
          <div class="line status">
            <span class="badge" part="row-badge"><bdi>${view.badge}</bdi></span>
            ${view.folder === undefined ? nothing : html`<bdi class="folder" part="row-folder">${view.folder}</bdi>`}
            <bdi class="details" part="row-details">${view.details.join(' · ')}</bdi>
          </div>
          ${this.#renderBar(view)}
          ${view.problem === undefined ? nothing : renderProblem(view.problem, view.hint)}
        </div>
        <div class="actions">
          ${repeat(
            view.actions,
            // By its place: Pause and Resume are one button to the person, who may press it twice and must not find Cancel there.
            (_, index) => view.actions.length - index,
            (action) => this.#renderAction(action, view.name),
          )}
        </div>
      </div>
      ${view.actions.includes('choose-again') ? html`<input type="file" hidden @change=${this.#onFileChosen} />` : nothing}
    `
  }

  protected override updated(): void {
    const problem = this.#shown?.view.problem
    if (problem === this.#measuredProblem) return
    this.#measuredProblem = problem
    // The row's height has just changed: told before the paint, unlike a ResizeObserver's news.
    this.dispatchEvent(new Event('row-resized', { bubbles: true }))
  }

  #thumbnail(item: UploadItem): TemplateResult | string {
    const url = item.phase === 'completed' ? thumbnailUrl(item.result, this.ownerDocument.baseURI) : undefined
    if (url === undefined || url === this.brokenPicture) return extensionOf(item.name) ?? icons.file
    return html`<img src=${url} alt="" loading="lazy" decoding="async" @error=${() => (this.brokenPicture = url)} />`
  }

  #renderBar({ name, badge, percent, bar, actions }: ItemView): TemplateResult {
    if (!bar) return html`<div class="bar empty" part="row-bar"></div>`
    const fill = html`<div class="fill" part="row-fill" .style=${`--_fraction:${bar.fraction ?? 0}`}></div>`
    // What has ended is told by its badge: a bar that stands still is decoration.
    if (!actions.includes('cancel')) return html`<div class=${barClass(bar)} part="row-bar">${fill}</div>`
    return html`<div
      class=${barClass(bar)}
      part="row-bar"
      role="progressbar"
      aria-label=${this.messages.progressOf(name)}
      aria-valuemin="0"
      aria-valuemax="100"
      aria-valuenow=${bar.fraction === undefined ? nothing : Math.floor(bar.fraction * 100)}
      aria-valuetext=${[badge, percent].filter(Boolean).join(', ')}
    >
      ${fill}
    </div>`
  }

  #renderAction(action: RowAction, name: string): TemplateResult {
    const label = this.messages.action[action === 'choose-again' ? 'chooseAgain' : action]
    return html`<button
      type="button"
      class="icon-button"
      part="row-button row-button-${action}"
      data-action=${action}
      tabindex=${this.isTabStop ? 0 : -1}
      title=${label}
      aria-label=${this.messages.actionOn(label, name)}
      @click=${() => this.#run(action)}
    >
      ${icons[action]}
    </button>`
  }

  #run(action: RowAction): void {
    if (action === 'choose-again') this.renderRoot.querySelector('input')?.click()
    else this.uploader?.[action](this.itemId)
  }

  #onFileChosen(event: Event): void {
    const input = event.target as HTMLInputElement
    const file = input.files?.[0]
    // So that the same file can be chosen a second time.
    input.value = ''
    if (file) this.uploader?.replaceFile(this.itemId, file)
  }

  #buttons(): readonly HTMLButtonElement[] {
    return Array.from(this.renderRoot.querySelectorAll('button'))
  }
}

function renderProblem(problem: string, hint: string | undefined): TemplateResult {
  return html`<p class="problem" part="row-problem"><bdi>${problem}</bdi>${hint === undefined ? nothing : html` <bdi class="hint">${hint}</bdi>`}</p>`
}

function barClass({ phase, fraction }: BarView): string {
  return `bar ${phase}${fraction === undefined ? ' unknown' : ''}`
}

declare global {
  interface HTMLElementTagNameMap {
    'upload-panel-row': UploadPanelRow
  }
}
