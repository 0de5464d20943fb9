import type { Uploader, UploadItem } from '@upload-panel/core'
import { html, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { property, state } from 'lit/decorators.js'
import { guard } from 'lit/directives/guard.js'
import { keyed } from 'lit/directives/keyed.js'
import { repeat } from 'lit/directives/repeat.js'
import { extensionOf } from '../text/file-name.js'
import { focusAction, focusedAction } from '../shared/action-focus.js'
import { chosenFile } from '../shared/chosen-file.js'
import { focusKeeper } from '../shared/focus-keeper.js'
import { icons } from '../shared/icons.js'
import { renderFileName } from '../shared/render-file-name.js'
import { copyText } from './copy-text.js'
import { fileKind, isPicture } from './file-kind.js'
import type { Fact } from './item-facts.js'
import { type BarView, isTick, type ItemView, type RowAction, transferFraction, viewItem } from './item-view.js'
import { kindIcons } from './kind-icons.js'
import type { Pictures } from './pictures.js'
import { NOTHING_COPIED, renderRowDetails } from './row-details.js'
import { english } from '../messages/english.js'
import type { Messages } from '../messages/messages.js'
import { directionOf } from '../text/direction.js'
import { createMovingBar } from '../shared/moving-bar.js'
import { thumbnailUrl } from '../shared/safe-url.js'
import { storeController } from '../shared/store-controller.js'
import { createTurns, framedRounds } from '../shared/turns.js'
import { StyledElement } from '../shared/styled-element.js'
import { controls } from '../styles/controls.js'
import { rowStyles } from './row-styles.js'

/** With the frame that a round waits for, some 100 ms. */
const FIGURES_PACE_MS = 84

/**
 * Bars move at each word of the engine's; the figures that go with them, which nobody reads so often, a few rows at a time: those of all rows in
 * view are some four times a second what they should be, and most frames have nothing to paint.
 */
const figureTurns = createTurns({ perRound: 3, nextRound: framedRounds(FIGURES_PACE_MS) })

/**
 * One file. Follows its own item and nothing else, so that a file's progress renders one row.
 * Internal: its parts are handed on by `<upload-panel>`.
 */
export class UploadPanelRow extends StyledElement {
  static override readonly styles = [controls, rowStyles]

  @property({ attribute: false }) uploader: Uploader | undefined
  @property({ attribute: false }) itemId = ''
  @property({ attribute: false }) messages: Messages = english
  /** Whether Tab stops here. One row of a list is reachable so; the arrow keys lead to the others. */
  @property({ attribute: false }) isTabStop = false

  /** Whether any of it can be seen. If not, it does not follow each step of a progress. */
  @property({ attribute: false }) isInView = true
  /** Whether the list is scrolled just now: figures, which nobody can read then, wait until it rests. */
  @property({ attribute: false }) isMoving = false
  /** Whether what unfolds below the row is there. */
  @property({ attribute: false }) isOpen = false
  /** Pictures of files that are on their way; absent where there are to be none at all. */
  @property({ attribute: false }) pictures: Pictures<HTMLImageElement> | undefined

  /** A picture of the server's that is there, or that could not be loaded: until it is there, its place shows the file's type. */
  @state() private serverPicture: { readonly url: string; readonly isBroken: boolean } | undefined
  @state() private copying = NOTHING_COPIED

  readonly #item = storeController<UploadItem | undefined>(this, () => this.#onItem())
  #shown: { readonly item: UploadItem; readonly view: ItemView } | undefined
  #measuredShape = ''
  #picturedId = ''
  readonly #bar = createMovingBar()
  #ground: HTMLElement | undefined
  /** Whether there is something that it does not show yet, since nobody sees it. */
  #isStale = true
  /** The file that the element showed when it was rendered last. */
  #renderedId = ''
  /** What a file is chosen for: when it has been, the row may be lent to another. */
  #chosenFor = ''

  constructor() {
    super()
    focusKeeper(this, () => this.#buttons().at(-1))
  }

  /** Focuses the button of an action, or the last button where the item has no such action. */
  focusAction(action?: string): void {
    focusAction(this.#buttons(), action)
  }

  /** The action whose button has focus. */
  get focusedAction(): string | undefined {
    return focusedAction(this.shadowRoot)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.pictures?.leave(this.#picturedId)
  }

  /** Whether nothing more will become of the file by itself. */
  get hasEnded(): boolean {
    const phase = this.#item.value?.phase
    return phase === 'completed' || phase === 'failed' || phase === 'cancelled'
  }

  protected override shouldUpdate(changed: PropertyValues<this>): boolean {
    const shown = this.#shown?.item
    const item = this.#item.value
    const comesIntoView = changed.has('isInView')
    // Neither of the two is shown: they say whether anything is.
    const hasChanges = changed.size > Number(comesIntoView) + Number(changed.has('isMoving'))
    this.#isStale ||= hasChanges || changed.size === 0 || shown !== item
    const isRead = this.isInView && (!this.isMoving || comesIntoView)
    const isDue = this.#isStale && (isRead || hasChanges || shown?.phase !== item?.phase)
    if (isDue) this.#isStale = false
    return isDue
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('uploader') || changed.has('itemId')) {
      this.#item.follow(this.uploader?.$item(this.itemId))
      this.#shown = undefined
      this.copying = NOTHING_COPIED
      this.pictures?.leave(this.#picturedId)
      this.#bar.forget()
    }
    // A file that was removed stays as it was until the list takes its row out: emptied first, the row would lose the focus that the list hands on.
    const item = this.#item.value
    if (item) this.#shown = { item, view: viewItem(item, this.messages) }
  }

  protected override render(): TemplateResult | typeof nothing {
    if (!this.#shown) return nothing
    const { item, view } = this.#shown
    const { messages, isOpen, isTabStop } = this
    const classes = ['row', view.tone, isOpen && 'open'].filter(Boolean).join(' ')
    return html`
      <div class=${classes} part="row row-${item.phase}">
        <div class="thumbnail" part="row-thumbnail" aria-hidden="true">${this.#renderThumbnail(item)}</div>
          <div class="line">
            ${guard([view.name], () => renderFileName(view.name, 'row-name'))}
            ${view.percent === undefined ? nothing : html`<span class="percent" part="row-percent" aria-hidden="true"><span class="figure">${view.percent}</span></span>`}
          </div>
          <div class="line status">
            <span class="badge" part="row-badge"><bdi>${view.badge}</bdi></span>
            ${view.folder === undefined ? nothing : html`<bdi class="folder" part="row-folder">${view.folder}</bdi>`}
            <span class="details" part="row-details"><span class="figure"><bdi dir=${directionOf(this.messages.locale)}>${view.details.join(' · ')}</bdi></span></span>
          </div>
          ${this.#renderBar(item.id, view)}
          ${view.problem === undefined ? nothing : renderProblem(view.problem, view.hint)}
        <div class="actions">
          <button
            type="button"
            class="details-button"
            part="row-button row-button-details"
            data-action="details"
            tabindex=${isTabStop ? 0 : -1}
            title=${messages.row.details}
            aria-label=${messages.actionOn(messages.row.details, view.name)}
            aria-expanded=${isOpen ? 'true' : 'false'}
            aria-controls=${isOpen ? 'facts' : nothing}
            @click=${this.#toggle}
          >
            ${icons.collapse}
          </button>
          ${repeat(
            view.actions,
            // By its place: Pause and Resume are one button to the person, who may press it twice and must not find Cancel there.
            (_, index) => view.actions.length - index,
            (action) => this.#renderAction(action, view.name),
          )}
        </div>
        ${
          isOpen
            ? renderRowDetails({
                item,
                messages,
                base: this.ownerDocument.baseURI,
                isTabStop,
                copying: this.copying,
                onCopy: (fact, element) => void this.#copy(fact, element),
              })
            : nothing
        }
      </div>
      ${view.actions.includes('choose-again') ? html`<input type="file" hidden @change=${this.#onFileChosen} />` : nothing}
    `
  }

  protected override updated(): void {
    this.#moveBar()
    const { isOpen, itemId } = this
    this.#renderedId = itemId
    const problem = this.#shown?.view.problem
    // Of a row that is as high as most, nothing.
    const shape = problem === undefined && !isOpen ? '' : JSON.stringify([itemId, problem, isOpen])
    if (shape === this.#measuredShape) return
    this.#measuredShape = shape
    // The row's height has just changed: told before the paint, unlike a ResizeObserver's news.
    this.dispatchEvent(new Event('row-resized', { bubbles: true }))
  }

  #onItem(): void {
    const item = this.#item.value
    const shown = this.#shown
    if (!item || !shown || !isTick(shown.item, item)) {
      this.requestUpdate()
      return
    }
    if (!this.isInView) return
    if (this.#ground) this.#bar.move(this.#ground, transferFraction(item))
    if (!this.isMoving) figureTurns.ask(this.#renderFigures)
  }

  readonly #renderFigures = () => this.requestUpdate()

  #moveBar(): void {
    const bar = this.#shown?.view.bar
    const [ground, fill] = this.renderRoot.querySelectorAll<HTMLElement>('.ground, .fill')
    this.#ground = ground
    if (!bar || !ground || !fill) return
    this.#bar.move(ground, bar.phase === 'transfer' ? (bar.fraction ?? 0) : 1)
    this.#bar.move(fill, bar.phase === 'transfer' ? 0 : bar.fraction)
  }

  #renderThumbnail(item: UploadItem): TemplateResult {
    const url =
      this.pictures && item.phase === 'completed' && !savesData() ? thumbnailUrl(item.result, this.ownerDocument.baseURI) : undefined
    const known = this.serverPicture?.url === url ? this.serverPicture : undefined
    if (url === undefined || known?.isBroken) return this.#renderLocalPicture(item)
    const settle = (isBroken: boolean) => () => (this.serverPicture = { url, isBroken })
    return html`${known ? nothing : this.#renderLocalPicture(item)}${keyed(
      url,
      html`<img
        class=${known ? '' : 'coming'}
        src=${url}
        alt=""
        loading="lazy"
        decoding="async"
        draggable="false"
        @load=${settle(false)}
        @error=${settle(true)}
      />`,
    )}`
  }

  #renderLocalPicture(item: UploadItem): TemplateResult {
    const { id } = item
    this.#picturedId = id
    const picture = isPicture(item)
      ? this.pictures?.show(
          id,
          () => this.uploader?.file(id),
          () => this.requestUpdate(),
        )
      : undefined
    return picture
      ? html`${picture}`
      : html`${kindIcons[fileKind(item.type, item.name)]}<span class="extension">${extensionOf(item.name)}</span>`
  }

  #renderBar(id: string, { name, badge, percent, bar, actions }: ItemView): TemplateResult {
    if (!bar) return html`<div class="bar empty" part="row-bar"></div>`
    const halves = html`<div class="ground" part="row-fill row-fill-transfer"></div
      ><div class="fill" part="row-fill row-fill-processing"></div>`
    // Another file's bar is another bar: its colour does not fade from what this one's was.
    const classes = `${barClass(bar)}${this.#renderedId === id ? ' settled' : ''}`
    // What has ended is told by its badge: a bar that stands still is decoration.
    if (!actions.includes('cancel')) return html`<div class=${classes} part="row-bar">${halves}</div>`
    return html`<div
      class=${classes}
      part="row-bar"
      role="progressbar"
      aria-label=${this.messages.progressOf(name)}
      aria-valuemin="0"
      aria-valuemax="100"
      aria-valuenow=${bar.fraction === undefined ? nothing : Math.floor(bar.fraction * 100)}
      aria-valuetext=${[badge, percent].filter(Boolean).join(', ')}
    >
      ${halves}
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
    if (action !== 'choose-again') return this.uploader?.[action](this.itemId)
    this.#chosenFor = this.itemId
    this.renderRoot.querySelector('input')?.click()
  }

  readonly #toggle = () => this.dispatchEvent(new Event('row-toggled', { bubbles: true }))

  async #copy({ name, value }: Fact, element: HTMLElement): Promise<void> {
    const { itemId } = this
    const worked = await copyText(value, element)
    if (itemId === this.itemId) this.copying = { count: this.copying.count + 1, fact: name, worked }
  }

  #onFileChosen(event: Event): void {
    const file = chosenFile(event)
    if (file) this.uploader?.replaceFile(this.#chosenFor, file)
  }

  #buttons(): readonly HTMLButtonElement[] {
    return Array.from(this.renderRoot.querySelectorAll('button'))
  }
}

function renderProblem(problem: string, hint: string | undefined): TemplateResult {
  return html`<p class="problem" part="row-problem"><bdi>${problem}</bdi>${hint === undefined ? nothing : html` <bdi class="hint">${hint}</bdi>`}</p>`
}

/** The person wants to load no more than has to be. Not every browser tells. */
function savesData(): boolean {
  return 'connection' in navigator && (navigator.connection as { readonly saveData?: boolean } | undefined)?.saveData === true
}

function barClass({ phase, fraction }: BarView): string {
  return `bar ${phase}${fraction === undefined ? ' unknown' : ''}`
}

declare global {
  interface HTMLElementTagNameMap {
    'upload-panel-row': UploadPanelRow
  }
}
