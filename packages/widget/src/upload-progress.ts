import { UploadError, type Uploader, type UploadItem } from '@upload-panel/core'
import { isTerminal, type SyncStatusUpdate } from '@upload-panel/core/protocol'
import type { StatusMonitor } from '@upload-panel/core/status'
import { html, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { property, state } from 'lit/decorators.js'
import { createAutoHide } from './progress/auto-hide.js'
import { viewItemProgress } from './progress/item-progress.js'
import { newsOf, type Outcome, outcomeOf, outcomeOfItem } from './progress/outcome.js'
import type { ProgressDetail } from './progress/progress-events.js'
import { progressStyles } from './progress/progress-styles.js'
import { createTimeLeft } from './progress/time-left.js'
import { sayError } from './messages/say-error.js'
import { BaseElement } from './shared/base-element.js'
import { define } from './shared/define.js'
import { focusKeeper } from './shared/focus-keeper.js'
import { icons } from './shared/icons.js'
import { onceAFrame } from './shared/once-a-frame.js'
import { storeController } from './shared/store-controller.js'
import { type RowAction, viewItem } from './list/item-view.js'
import { wholeNumber } from './shared/whole-number.js'
import { monitorController } from './status/monitor-controller.js'
import { type ProgressView, renderOperation } from './status/operation-row.js'
import { operationStyles } from './status/operation-styles.js'
import { viewOperation } from './status/operation-view.js'
import { controls } from './styles/controls.js'
import { tokens } from './styles/tokens.js'
import { displayName } from './text/file-name.js'
import { sentence } from './text/server-words.js'
import { pageTimer } from './text/voice.js'

export type { ProgressDetail, UploadProgressEventMap } from './progress/progress-events.js'

/**
 * `<upload-progress>`: one operation of the server, of any type and whoever began it, or one upload of this page.
 *
 * With an `endpoint` or a `monitor`, `upload-id` is the operation's id. With an `uploader` it is that of an item: then its bytes and the server's work
 * on it are one bar.
 *
 * @element upload-progress
 *
 * @fires progress-completed - It is completed; `detail.operation`, or `detail.item`
 * @fires progress-failed - It failed; `detail.operation` or `detail.item`, with its `error`
 * @fires progress-cancelled - It was cancelled; `detail.operation`, or `detail.item`
 * @fires progress-revoked - The server took its confirmation back; `detail.operation` or `detail.item`, with its `error`
 *
 * @csspart box - The box around everything
 * @csspart operation - The row in it; also `operation-<tone>`
 * @csspart operation-name - Its name
 * @csspart operation-type - What it does, where the name does not say so
 * @csspart operation-percent - Its percentage
 * @csspart operation-badge - Its status
 * @csspart operation-details - The server's stage, and the time left
 * @csspart operation-bar - Its bar
 * @csspart operation-fill - The filled part of its bar
 * @csspart operation-problem - What went wrong
 * @csspart note - Why it could not be cancelled
 * @csspart button - Each button; also `button-<name>`
 */
export class UploadProgress extends BaseElement {
  static override readonly styles = [tokens, controls, operationStyles, progressStyles]

  /** Where the server adapter is mounted. */
  @property() endpoint = ''
  /** How the server's word arrives: pushed by `sse`, or with `polling` asked for now and then. @default 'sse' */
  @property() realtime: 'sse' | 'polling' = 'sse'
  /** Of the operation; where there is an `uploader`, of its item. */
  @property({ attribute: 'upload-id' }) uploadId = ''
  /** What it is called, instead of its file's name or its type. */
  @property() label = ''
  /** Milliseconds after which it hides when it is completed or was cancelled. What failed stays. */
  @property({ converter: wholeNumber, attribute: 'auto-hide' }) autoHide: number | undefined
  /** Uploads of this page. */
  @property({ attribute: false }) uploader: Uploader | undefined

  @state() private news = ''
  @state() private alarm = ''
  /** Why it could not be cancelled. */
  @state() private refusal: UploadError | undefined

  readonly #monitor = monitorController(this, () => ({ endpoint: this.uploadId === '' ? '' : this.endpoint, realtime: this.realtime }))
  readonly #operation = storeController<SyncStatusUpdate | null | undefined>(this, () => this.#look())
  readonly #error = storeController<UploadError | undefined>(this)
  readonly #item = storeController<UploadItem | undefined>(this, () => this.#look())
  readonly #autoHide = createAutoHide({
    hide: () => (this.#isHiddenByItself = this.hidden = true),
    isInUse: () => this.matches(':hover, :focus-within'),
    setTimer: pageTimer,
  })
  #followed: { readonly monitor?: StatusMonitor | undefined; readonly id?: string } = {}
  #timeLeft = createTimeLeft()
  /** What it showed last: an upload that was taken off its queue stays as it was. */
  #itemShown: UploadItem | undefined
  #outcome: Outcome | undefined
  #isHiddenByItself = false

  constructor() {
    super()
    focusKeeper(this, () => this.renderRoot.querySelector<HTMLElement>('.box'))
    const release = () => this.#autoHide.release()
    this.addEventListener('pointerleave', release)
    this.addEventListener('focusout', release)
  }

  /** The monitor that is shown. `undefined` while there is none, or where an uploader is. */
  @property({ attribute: false })
  get monitor(): StatusMonitor | undefined {
    return this.uploader ? undefined : this.#monitor.current
  }

  set monitor(monitor: StatusMonitor | undefined) {
    this.#monitor.give(monitor)
  }

  /** Asks for its end. Where the server refuses, the reason is shown. */
  async cancel(): Promise<void> {
    const { uploader, monitor, uploadId: id } = this
    this.refusal = undefined
    if (uploader) return uploader.cancel(id)
    try {
      await monitor?.cancel(id)
    } catch (thrown) {
      if (!(thrown instanceof UploadError)) throw thrown
      this.refusal = thrown
    }
  }

  protected override async scheduleUpdate(): Promise<void> {
    await onceAFrame(this)
    await super.scheduleUpdate()
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const { uploader, monitor, uploadId: id } = this
    if (changed.has('uploadId') || changed.has('uploader')) this.#begin()
    this.#item.follow(uploader?.$item(id))
    if (monitor !== this.#followed.monitor || id !== this.#followed.id) {
      this.#followed = { monitor, id }
      this.#operation.follow(id === '' ? undefined : monitor?.$operation(id))
    }
    this.#error.follow(monitor?.$error)
    this.#look()
  }

  protected override render(): TemplateResult {
    const { words: messages } = this
    const view = this.#view()
    return html`
      <div class="box" part="box" lang=${messages.locale} tabindex="-1">${view ? this.#renderRow(view) : this.#renderNothing()}</div>
      <div class="visually-hidden" lang=${messages.locale} role="status">${this.news}</div>
      <div class="visually-hidden" lang=${messages.locale} role="alert">${this.alarm}</div>
    `
  }

  #renderRow(view: ProgressView): TemplateResult {
    const actions = this.#actions()
    return html`${renderOperation(
      view,
      this.words,
      actions.length === 0 ? nothing : html`<div class="actions">${actions.map((action) => this.#renderAction(action, view.name))}</div>`,
    )}
    ${this.refusal ? html`<p class="note" part="note" role="alert"><bdi>${sentence(sayError(this.refusal, this.words))}</bdi></p>` : nothing}`
  }

  /** Nothing is known of it: not yet, or the server knows nothing, or it does not answer. */
  #renderNothing(): TemplateResult {
    const { operation, status } = this.words
    const error = this.#error.value
    const isAnswered = this.uploader ? this.uploadId !== '' : this.#operation.value === null
    if (isAnswered) return html`<div class="nothing"><p>${operation.unknown}</p></div>`
    if (!error) return html`<div class="nothing"><p>${operation.looking}</p></div>`
    return html`<div class="nothing">
      <p><bdi>${sentence(sayError(error, this.words))}</bdi></p>
      <button type="button" class="text-button" part="button button-retry" @click=${() => this.monitor?.refresh()}>
        ${icons.retry}${status.tryAgain}
      </button>
    </div>`
  }

  #renderAction(action: Action, name: string): TemplateResult {
    const { words: messages } = this
    const label = messages.action[action]
    return html`<button
      type="button"
      class="icon-button"
      part="button button-${action}"
      title=${label}
      aria-label=${messages.actionOn(label, name)}
      @click=${() => this.#run(action)}
    >
      ${icons[action]}
    </button>`
  }

  #run(action: Action): void {
    if (action === 'cancel') void this.cancel()
    else this.uploader?.[action](this.uploadId)
  }

  #actions(): readonly Action[] {
    if (this.uploader) return this.#itemShown ? viewItem(this.#itemShown, this.words).actions.filter(isOffered) : []
    const operation = this.#operation.value
    if (!operation || isTerminal(operation.status) || operation.operation_type !== 'upload') return []
    const isRefused = this.refusal !== undefined && !this.refusal.retryable
    return this.monitor?.canCancel && !isRefused ? ['cancel'] : []
  }

  #view(): ProgressView | undefined {
    const { words: messages } = this
    const name = displayName(this.label)
    if (this.uploader) return this.#itemShown && named(viewItemProgress(this.#itemShown, messages), name)
    const operation = this.#operation.value
    if (!operation) return undefined
    const view = viewOperation(operation, messages)
    // Not the clock of the day, which may be set.
    const seconds = this.#timeLeft.at(performance.now(), view.isEnded ? undefined : view.bar?.fraction)
    const left = seconds === undefined ? [] : [messages.timeLeft(messages.formats.duration(seconds))]
    return named({ ...view, details: [...view.details, ...left] }, name)
  }

  /** Another one is shown from now on. */
  #begin(): void {
    this.#outcome = undefined
    this.#itemShown = undefined
    this.refusal = undefined
    this.#timeLeft = createTimeLeft()
    this.#autoHide.plan(undefined)
    this.#show()
  }

  #show(): void {
    if (this.#isHiddenByItself) this.hidden = this.#isHiddenByItself = false
  }

  /** Tells what is new. Not a part of rendering: a page that is hidden has no frames, and yet wants to know. */
  #look(): void {
    this.requestUpdate()
    const detail = this.#subject()
    if (!detail) return
    const before = this.#outcome
    const after = detail.item ? outcomeOfItem(detail.item) : outcomeOf(detail.operation)
    this.#outcome = after
    const hasEndedWell = after === 'completed' || after === 'cancelled'
    this.#autoHide.plan(hasEndedWell ? this.autoHide : undefined)
    if (!hasEndedWell) this.#show()
    const news = newsOf(before, after)
    if (!news) return
    // That something had ended before anybody looked is told to the page, but no news to who hears it.
    if (before !== undefined) this.#say(after)
    this.dispatchEvent(new CustomEvent(news, { detail: Object.freeze(detail), bubbles: true, composed: true }))
  }

  #subject(): ProgressDetail | undefined {
    if (!this.uploader) return this.#operation.value ? { operation: this.#operation.value } : undefined
    this.#itemShown = this.#item.value ?? this.#itemShown
    return this.#itemShown && { item: this.#itemShown }
  }

  #say(outcome: Outcome): void {
    const { operation, say } = this.words
    const { name = '', problem = '' } = this.#view() ?? {}
    if (outcome === 'completed') this.news = operation.saidCompleted(name)
    if (outcome === 'cancelled') this.news = operation.saidCancelled(name)
    if (outcome === 'failed') this.alarm = say.failed(name, problem)
  }
}

/** What can be done about it here. A file that has to be chosen again is a matter of the list. */
type Action = 'pause' | 'resume' | 'retry' | 'cancel'

function isOffered(action: RowAction): action is Action {
  return action !== 'remove' && action !== 'choose-again'
}

function named(view: ProgressView, name: string): ProgressView {
  return name === '' ? view : { ...view, name }
}

define('upload-progress', UploadProgress)

declare global {
  interface HTMLElementTagNameMap {
    'upload-progress': UploadProgress
  }
}
