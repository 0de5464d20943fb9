import type { ConnectionStatus, UploadError } from '@upload-panel/core'
import type { HealthSigns, SyncStatusUpdate, SystemHealth } from '@upload-panel/core/protocol'
import { IDLE_STATUS, type PerformanceMetrics, type StatusMonitor, type SubscriptionMetrics } from '@upload-panel/core/status'
import { html, type TemplateResult } from 'lit'
import { property, query, state } from 'lit/decorators.js'
import { BaseElement } from './shared/base-element.js'
import { setState } from './shared/custom-states.js'
import { define } from './shared/define.js'
import { icons } from './shared/icons.js'
import { onceAFrame } from './shared/once-a-frame.js'
import { storeController } from './shared/store-controller.js'
import { renderDashboard } from './status/dashboard.js'
import { dashboardStyles } from './status/dashboard-styles.js'
import { type IndicatorView, renderCard, renderFace } from './status/indicator.js'
import { indicatorStyles } from './status/indicator-styles.js'
import { monitorController } from './status/monitor-controller.js'
import { operationStyles } from './status/operation-styles.js'
import { popoverController } from './status/popover.js'
import { createSampler, type Sample } from './status/sampler.js'
import { signStyles } from './status/sign-styles.js'
import { type Light, viewConnection, viewHealth } from './status/status-view.js'
import { card } from './styles/card.js'
import { controls } from './styles/controls.js'
import { tokens } from './styles/tokens.js'
import { createVoice, pageTimer } from './text/voice.js'

/**
 * `<sync-status>`: the connection to the server, how well it does, and all that it does, of every type of operation. Works on a page that uploads nothing.
 *
 * Give it an `endpoint`, and it shares one connection with every other element of that endpoint; or give it a `monitor`, which is only shown.
 *
 * @element sync-status
 *
 * @csspart dashboard - The box of the variant `full`
 * @csspart header - Its first line
 * @csspart title - Its name
 * @csspart connection - Its connection, in a word
 * @csspart tile - Each of its boxes
 * @csspart chart - A measured value with its line; also `chart-line` and `chart-area`
 * @csspart trend - Whether the error rate rises
 * @csspart values - The charts as a table
 * @csspart list - Active operations, and history
 * @csspart operation - One operation; also `operation-<tone>`, and its parts `operation-name`, `-type`, `-percent`, `-badge`, `-details`, `-bar`, `-fill`, `-problem`
 * @csspart subscriptions - What is followed
 * @csspart pill - The button of the variants `compact` and `floating`
 * @csspart card - What it opens
 * @csspart figure - Latency, or the attempt
 * @csspart light - Each dot; also `light-good`, `light-warning`, `light-bad`, `light-none`
 * @csspart health - The sign of health
 * @csspart count - How many operations are active, on the floating one
 * @csspart problem - What is wrong
 * @csspart button - Each button; those with a name have `button-<name>` too
 *
 * @cssprop --upload-panel-status-inset-inline - Distance of the floating one from the start edge (16px)
 * @cssprop --upload-panel-status-inset-block - Distance of the floating one from the bottom edge (16px)
 *
 * @cssstate connected - The connection holds, or the server answers when it is asked
 * @cssstate reconnecting - The connection is tried again
 * @cssstate failing - There is none, or the server does not answer
 */
export class SyncStatus extends BaseElement {
  static override readonly styles = [tokens, controls, card, operationStyles, signStyles, indicatorStyles, dashboardStyles]

  /** Where the server adapter is mounted. */
  @property() endpoint = ''
  /** How the server's word arrives: pushed by `sse`, or with `polling` asked for now and then. @default 'sse' */
  @property() realtime: 'sse' | 'polling' = 'sse'
  /** A dashboard, a line for a header, or a small sign at the bottom start corner. @default 'full' */
  @property({ reflect: true }) variant: 'full' | 'compact' | 'floating' = 'full'

  @state() private isTableOpen = false
  @state() private news = ''
  @query('.pill') private readonly pill!: HTMLElement | null
  @query('.card') private readonly card!: HTMLElement | null

  readonly #monitor = monitorController(this, () => this)
  readonly #connection = storeController<ConnectionStatus>(this)
  readonly #error = storeController<UploadError | undefined>(this)
  readonly #health = storeController<SystemHealth>(this)
  readonly #signs = storeController<HealthSigns>(this)
  readonly #metrics = storeController<PerformanceMetrics>(this)
  readonly #operations = storeController<readonly SyncStatusUpdate[]>(this)
  readonly #subscriptions = storeController<readonly SubscriptionMetrics[]>(this)
  readonly #popover = popoverController(this, { anchor: () => this.pill, popover: () => this.card })
  readonly #sampler = createSampler({
    read: () => this.#sample(),
    onSample: () => this.requestUpdate(),
    now: () => Date.now(),
    setTimer: pageTimer,
  })
  readonly #voice = createVoice((text) => (this.news = text), 3000, pageTimer)
  #shown: IndicatorView | undefined
  #light: Light = 'none'

  /** The monitor that is shown. `undefined` while there is none. */
  @property({ attribute: false })
  get monitor(): StatusMonitor | undefined {
    return this.#monitor.current
  }

  set monitor(monitor: StatusMonitor | undefined) {
    this.#monitor.give(monitor)
  }

  override connectedCallback(): void {
    super.connectedCallback()
    document.addEventListener('visibilitychange', this.#arrange)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    document.removeEventListener('visibilitychange', this.#arrange)
    this.#arrange()
  }

  protected override async scheduleUpdate(): Promise<void> {
    await onceAFrame(this)
    await super.scheduleUpdate()
  }

  protected override willUpdate(): void {
    const { monitor } = this
    const isFull = this.variant === 'full'
    this.#connection.follow(monitor?.$connection)
    this.#error.follow(monitor?.$error)
    this.#health.follow(monitor?.$health)
    this.#signs.follow(monitor?.$healthSigns)
    this.#metrics.follow(monitor?.$metrics)
    // Only what is shown is listened to.
    this.#operations.follow(isFull ? monitor?.$operations : undefined)
    this.#subscriptions.follow(isFull ? monitor?.$subscriptions : undefined)
    this.#shown = this.#view()
    this.#arrange()
    this.#tell(this.#shown.connection.light)
  }

  protected override render(): TemplateResult {
    const { words: messages } = this
    const view = this.#shown ?? this.#view()
    return html`
      ${this.variant === 'full' ? this.#renderDashboard(view) : this.#renderPill(view)}
      <div class="visually-hidden" lang=${messages.locale} role="status">${this.news}</div>
    `
  }

  #view(): IndicatorView {
    const { words: messages } = this
    const metrics = this.#metrics.value ?? IDLE_STATUS.metrics
    return {
      connection: viewConnection(this.#connection.value ?? IDLE_STATUS.connection, this.#error.value, messages),
      health: viewHealth(this.#health.value ?? IDLE_STATUS.health, this.#signs.value ?? IDLE_STATUS.signs, messages),
      active: metrics.activeOperations,
      errorRate: metrics.errorRate === null ? messages.status.unknown : messages.formats.share(metrics.errorRate),
    }
  }

  #renderDashboard(view: IndicatorView): TemplateResult {
    return renderDashboard({
      ...view,
      messages: this.words,
      operations: this.#operations.value ?? [],
      metrics: this.#metrics.value ?? IDLE_STATUS.metrics,
      subscriptions: this.#subscriptions.value ?? [],
      samples: this.#sampler.samples(),
      isTableOpen: this.isTableOpen,
      onTable: (isOpen) => (this.isTableOpen = isOpen),
      onRetry: this.#retry,
    })
  }

  #renderPill(view: IndicatorView): TemplateResult {
    const { words: messages } = this
    const isFloating = this.variant === 'floating'
    const { isOpen } = this.#popover
    return html`
      <button type="button" class="pill" part="pill button" lang=${messages.locale} popovertarget="card" aria-expanded=${isOpen} aria-controls="card">
        ${renderFace(view, messages, isFloating)}
      </button>
      <div
        id="card"
        class="card"
        part="card"
        lang=${messages.locale}
        role="dialog"
        aria-labelledby="card-title"
        tabindex="-1"
        popover=${isFloating ? 'manual' : 'auto'}
        @beforetoggle=${this.#popover.onBeforeToggle}
        @keydown=${this.#onCardKey}
      >
        <div class="card-header">
          <h2 class="title" id="card-title">${messages.status.title}</h2>
          <button
            type="button"
            class="icon-button"
            part="button button-collapse"
            aria-label=${messages.action.collapse}
            title=${messages.action.collapse}
            popovertarget="card"
            popovertargetaction="hide"
          >
            ${icons.collapse}
          </button>
        </div>
        ${isOpen ? renderCard(view, messages, this.#retry) : ''}
      </div>
    `
  }

  readonly #retry = () => {
    this.monitor?.refresh()
    this.renderRoot.querySelector<HTMLElement>('.dashboard, .card')?.focus({ preventScroll: true })
  }

  /** A floating one stays open beside other work, and so closes by Escape only where focus is in it. */
  readonly #onCardKey = (event: KeyboardEvent) => {
    if (event.key !== 'Escape') return
    this.#popover.close()
    this.pill?.focus({ preventScroll: true })
  }

  /** Nothing is measured that nobody looks at. */
  readonly #arrange = () => {
    const isSeen = this.isConnected && this.variant === 'full' && this.monitor !== undefined && document.visibilityState === 'visible'
    if (isSeen) this.#sampler.start()
    else this.#sampler.stop()
  }

  #sample(): Omit<Sample, 'at'> {
    const { status, latency, transport, messagesPerSecond, bytesPerSecond } = this.#connection.value ?? IDLE_STATUS.connection
    // What is asked for is not told by the second.
    const isTold = status === 'connected' && transport !== 'polling'
    return {
      latencyMs: status === 'connected' ? latency : null,
      messagesPerSecond: isTold ? messagesPerSecond : null,
      bytesPerSecond: isTold ? bytesPerSecond : null,
      errorRate: this.#metrics.value?.errorRate ?? null,
    }
  }

  /** A connection that is lost, and one that is there again, are said; that there is one at first is no news. */
  #tell(light: Light): void {
    const { status: words } = this.words
    const before = this.#light
    if (light === before) return
    this.#light = light
    setState(this, 'connected', light === 'good')
    setState(this, 'reconnecting', light === 'warning')
    setState(this, 'failing', light === 'bad')
    if (before === 'good') this.#voice.request(() => (this.#light === 'good' ? undefined : words.saidLost))
    else if (light === 'good' && this.news !== '') this.#voice.request(() => (this.#light === 'good' ? words.saidLive : undefined))
  }
}

define('sync-status', SyncStatus)

declare global {
  interface HTMLElementTagNameMap {
    'sync-status': SyncStatus
  }
}
