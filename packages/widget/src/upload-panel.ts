import { type ClearFilter, type ConnectionStatus, EMPTY_SUMMARY, type Uploader, type UploadSummary } from '@upload-panel/core'
import { html, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { property, state } from 'lit/decorators.js'
import { keyed } from 'lit/directives/keyed.js'
import { announce } from './text/announce.js'
import { createAnnouncer } from './text/announcer.js'
import { define } from './shared/define.js'
import { focusKeeper } from './shared/focus-keeper.js'
import { IntakeElement, intakeStyles } from './dropzone/intake-element.js'
import { renderBubble } from './panel/frame-bubble.js'
import { frameController, type Placement } from './panel/frame-controller.js'
import { frameStyles } from './panel/frame-styles.js'
import { renderSurroundings } from './panel/frame-view.js'
import { filesStyles } from './panel/files-styles.js'
import { jobController, renderJob } from './panel/job-header.js'
import { connectionController, viewConnection } from './panel/panel-connection.js'
import { renderHeader } from './panel/panel-header.js'
import { renderFiles, renderTabs, tabsController } from './panel/panel-tabs.js'
import { toolbarController } from './panel/panel-toolbar.js'
import { createRunSummary } from './panel/run-summary.js'
import { isTab, type Tab } from './panel/tab.js'
import { toastStyles } from './panel/toast-styles.js'
import { toastsController } from './panel/toasts.js'
import { storeController } from './shared/store-controller.js'
import { framedRounds } from './shared/turns.js'
import { controls } from './styles/controls.js'
import { statesController } from './panel/panel-states.js'
import { panelStyles } from './panel/panel-styles.js'
import { pageTimer } from './text/voice.js'
import { tokens } from './styles/tokens.js'
import { paceSummary, SUMMARY_PACE_MS } from './panel/summary-pace.js'
import { viewSummary } from './panel/summary-view.js'
import { ROW_PARTS, UploadPanelList } from './list/upload-panel-list.js'
import { UploadPanelRow } from './list/upload-panel-row.js'

export type { UploadItemDetail, UploadItemsDetail, UploadPanelEventMap, UploadRejectedDetail } from './shared/uploader-events.js'

/**
 * `<upload-panel>`: a drop zone and a list that shows every file from the drop to the server's confirmation.
 *
 * Give it an `endpoint`, and it makes an uploader of its own, which ends with the element; or give it an `uploader`, which is only shown.
 *
 * @element upload-panel
 *
 * @fires upload-added - Files were added; `detail.items`
 * @fires upload-rejected - Files were refused by the restrictions; `detail.files`, each with its `error`
 * @fires upload-started - The first bytes of a file are on their way; `detail.item`
 * @fires upload-transferred - Storage has every byte of a file; `detail.item`
 * @fires upload-completed - The server confirmed a file; `detail.item`, with its `result`
 * @fires upload-failed - A file failed here or on the server; `detail.item`, with its `error`
 * @fires upload-revoked - The server took a confirmation back; `detail.item`
 * @fires upload-cancelled - A file was cancelled; `detail.item`
 * @fires batch-completed - All files that were added together have ended; `detail.items`
 * @fires input - As a control of a form: the value has changed, by a confirmation or one that was taken back
 * @fires change - As a control of a form: the value has changed, and nothing is under way any more
 *
 * @slot buttons - In the place of the drop zone's buttons: the page's own call `openPicker()` and `openFolderPicker()`
 * @slot limits - In the place of the line that says what is accepted
 * @slot overlay - What the overlay says while files are dragged over the page, with `drop="page"`
 *
 * @csspart panel - The box around everything
 * @csspart header - Title, summary line, connection and the button that collapses
 * @csspart title - `53 uploading (8%)`
 * @csspart summary - Bytes, speed, time left, and what has ended
 * @csspart connection - State of the realtime connection, a button that shows all of it; also `connection-live`, `-connecting`, `-polling`, `-reconnecting`, `-offline`, `-error`
 * @csspart job - The job that is followed
 * @csspart job-status - How it stands
 * @csspart job-counts - How many of its files completed and failed
 * @csspart tabs - The row of tabs
 * @csspart tab - Each tab; also `tab-all`, `tab-active`, `tab-completed`, `tab-failed`
 * @csspart tab-count - How many files are under a tab
 * @csspart nothing - What is said where a tab has no files
 * @csspart total - Progress of the whole queue
 * @csspart dropzone - Where files are dropped
 * @csspart overlay - What lies over the page while files are dragged across it, with `drop="page"`
 * @csspart overlay-card - What it says
 * @csspart problem - What is in the way of the form around the panel
 * @csspart restored - How many files were confirmed before the page was left
 * @csspart toolbar - What can be done to all files
 * @csspart question - What is asked in its place before all is cancelled
 * @csspart toasts - What is shown in a corner of the window when files that were added together have ended
 * @csspart toast - One of these; also `toast-completed` or `toast-failed`
 * @csspart notice - Files that could not be added
 * @csspart button - Each button; those with a name have `button-<name>` too
 * @csspart bubble - The collapsed panel
 * @csspart count - The number on the collapsed panel
 * @csspart list - The scrolling list
 * @csspart row - One file; also `row-<phase>`
 * @csspart row-thumbnail - Its picture, or its type
 * @csspart row-name - Its name
 * @csspart row-percent - Its percentage
 * @csspart row-badge - Its status
 * @csspart row-folder - The folder it came from
 * @csspart row-details - Sizes, speed, the server's stage
 * @csspart row-bar - Its bar
 * @csspart row-fill - The filled parts of its bar; also `row-fill-transfer`, its bytes, and `row-fill-processing`, the server's work over them
 * @csspart row-problem - What went wrong, and what to do
 * @csspart row-button - Its buttons; also `row-button-<action>`
 * @csspart row-facts - What unfolds below it: ids, type, size, times
 * @csspart row-result - The link to the confirmed file
 *
 * @cssstate over - Files that would be taken are being dragged over it, or over the page where all of it counts
 * @cssstate reading - Dropped folders are being read
 * @cssstate invalid - The form around it could not be sent, and the reason is shown
 *
 * @cssprop --upload-panel-background - Ground of the panel: an opaque color, since lists of files lie on it as well
 * @cssprop --upload-panel-surface - Ground of the drop zone and of buttons
 * @cssprop --upload-panel-surface-hover - The same under the pointer
 * @cssprop --upload-panel-border - Lines
 * @cssprop --upload-panel-text - Text
 * @cssprop --upload-panel-text-muted - Text of lesser weight
 * @cssprop --upload-panel-accent - The one accent: bars, the main button
 * @cssprop --upload-panel-accent-strong - Focus, and the server's half of a bar
 * @cssprop --upload-panel-on-accent - Text on the accent
 * @cssprop --upload-panel-success - Completed
 * @cssprop --upload-panel-warning - Waiting, or still checking
 * @cssprop --upload-panel-danger - Failed
 * @cssprop --upload-panel-track - The empty part of a bar
 * @cssprop --upload-panel-shadow - Shadow of the panel
 * @cssprop --upload-panel-radius - Corners of the panel (16px)
 * @cssprop --upload-panel-padding - Distance of everything from the sides (16px)
 * @cssprop --upload-panel-gap - Distance between what stands above each other (12px)
 * @cssprop --upload-panel-font-family - Typeface of all text
 * @cssprop --upload-panel-font-size - Size of ordinary text, which all others follow (14px)
 * @cssprop --upload-panel-font - The `font` shorthand of all text, in the place of the two
 * @cssprop --upload-panel-list-max-height - Height above which the list scrolls, a length (26rem inline; all there is room for floating)
 * @cssprop --upload-panel-width - Width of a floating panel (400px)
 * @cssprop --upload-panel-max-height - Greatest height of a floating panel (600px)
 * @cssprop --upload-panel-inset-inline - Distance of a floating panel from the side of its corner (16px)
 * @cssprop --upload-panel-inset-block - Distance of a floating panel from the top or bottom of its corner (16px)
 * @cssprop --upload-panel-z-index - Stacking of a floating panel (1000)
 *
 * @cssstate empty - There are no files
 * @cssstate uploading - Bytes are to be sent, and not paused
 * @cssstate processing - The server works on a file
 * @cssstate paused - All that is to be sent is paused
 * @cssstate failed - A file has failed
 * @cssstate completed - All files have ended, some completed and none failed
 * @cssstate offline - Nobody is reached
 * @cssstate collapsed - It is one round button
 * @cssstate over - Files are held over it
 * @cssstate dragging - The person is moving it
 *
 * @slot header - Before the buttons of the header
 * @slot empty - Below the drop zone, while there are no files
 * @slot footer - Below everything
 */
export class UploadPanel extends IntakeElement {
  static override readonly styles = [tokens, controls, panelStyles, frameStyles, filesStyles, toastStyles, intakeStyles]

  /** Files are shown by their type alone, and no picture is read or loaded. */
  @property({ type: Boolean, attribute: 'no-thumbnails' }) noThumbnails = false
  /** Shown as one round button with a ring. */
  @property({ type: Boolean, reflect: true }) collapsed = false
  /**
   * Above the page in a corner of the window, which is the person's to move; below 480 pixels, a sheet at the bottom. `inline` fills its container.
   * @default 'floating' (`bottom-end`)
   */
  @property({ reflect: true }) placement: Placement = 'floating'
  /** The name under which this browser keeps how the panel was left. `off` keeps nothing. @default the element's id, else its endpoint */
  @property() remember = ''

  /** Which files are shown. The one that a person chose last comes back, unless the page says one. @default 'all' */
  @property({ reflect: true, useDefault: true, converter: { fromAttribute: (value) => (isTab(value) ? value : 'all') } }) tab: Tab = 'all'
  /**
   * Shows how the job stands that the files belong to, with what other pages add to it, as the server of the `endpoint` has it; without an `endpoint`, what this
   * page knows of it. With `job-id` it is always shown.
   */
  @property({ type: Boolean, attribute: 'show-job' }) showJob = false
  /** Shows no toasts when files that were added together have ended. */
  @property({ type: Boolean, attribute: 'no-toasts' }) noToasts = false

  @state() private news = { id: 0, text: '' }
  @state() private alarm = { id: 0, text: '' }

  readonly #summary = storeController<UploadSummary>(
    this,
    paceSummary(() => this.requestUpdate(), framedRounds(SUMMARY_PACE_MS)),
  )
  #ofRun = createRunSummary()
  readonly #connection = storeController<ConnectionStatus>(this)

  readonly #connectionControl = connectionController(this)
  readonly #tabs = tabsController(this)
  readonly #toolbar = toolbarController(this)
  readonly #toasts = toastsController(this)
  readonly #job = jobController(this)

  readonly #frame = frameController(this, {
    words: () => this.words,
    say: (text) => (this.news = { id: this.news.id + 1, text }),
  })

  constructor() {
    super()
    statesController(this, () => ({
      summary: this.#summary.value ?? EMPTY_SUMMARY,
      connection: this.#connection.value,
      isOnline: this.#connectionControl.isOnline,
      isCollapsed: this.collapsed,
      isOver: this.isOver,
    }))
    focusKeeper(this, () => this.renderRoot.querySelector<HTMLElement>('.bubble, .panel'))
  }

  /** Begins to upload, where `no-auto-start` is set. */
  start(): void {
    this.uploader?.start()
  }

  /** Pauses one file, or the whole queue. */
  pause(id?: string): void {
    this.uploader?.pause(id)
  }

  /** Goes on with one paused file, or with the whole queue. */
  resume(id?: string): void {
    this.uploader?.resume(id)
  }

  /** Cancels one file, or all. */
  cancel(id?: string): void {
    this.uploader?.cancel(id)
  }

  /** Tries one failed file again, or all. */
  retry(id?: string): void {
    this.uploader?.retry(id)
  }

  /** Takes files off the list; those that go on are cancelled. @default 'all' */
  clear(which: ClearFilter = 'all'): void {
    this.uploader?.clear(which)
  }

  /** Shows the whole panel. */
  expand(): void {
    this.collapsed = false
  }

  /** Makes the panel one round button. */
  collapse(): void {
    this.collapsed = true
  }

  protected override willUpdate(changed: PropertyValues): void {
    super.willUpdate(changed)
    const { uploader } = this
    this.#summary.follow(uploader?.$summary)
    this.#connection.follow(uploader?.$connection)
    this.#tabs.follow(uploader)
    this.#job.follow(this.isConnected && (this.showJob || this.jobId) ? uploader : undefined, this.source ?? this)
  }

  protected override render(): TemplateResult {
    const messages = this.words
    return html`
      ${this.collapsed ? this.#renderBubble() : this.#renderPanel()} ${this.renderOverlay()} ${renderSurroundings(this.#frame, messages)}
      ${this.#toasts.render(messages, this.#showFailed)}
      <div class="visually-hidden" lang=${messages.locale} role="status">${keyed(this.news.id, html`<span>${this.news.text}</span>`)}</div>
      <div class="visually-hidden" lang=${messages.locale} role="alert">${keyed(this.alarm.id, html`<span>${this.alarm.text}</span>`)}</div>
    `
  }

  #renderBubble(): TemplateResult {
    const messages = this.words
    const summary = this.#ofRun(this.#summary.value ?? EMPTY_SUMMARY)
    return renderBubble({ view: viewSummary(summary, messages), summary, messages, frame: this.#frame })
  }

  #renderPanel(): TemplateResult {
    const { uploader, words: messages } = this
    const summary = this.#ofRun(this.#summary.value ?? EMPTY_SUMMARY)
    const hasFiles = summary.total > 0
    const { current: tab } = this.#tabs
    const connection = this.#connection.value
    const list = html`<upload-panel-list
      part="list"
      exportparts=${ROW_PARTS}
      .uploader=${uploader}
      .ids=${this.#tabs.ids}
      .messages=${messages}
      .noThumbnails=${this.noThumbnails}
      .onFocusLost=${this.#focusPanel}
      .onRowFocused=${this.#tabs.keep}
    ></upload-panel-list>`
    const classes = ['panel', summary.total === 0 && 'empty', this.isOver && 'over'].filter(Boolean).join(' ')
    return html`<section class=${classes} part="panel" lang=${messages.locale} aria-label=${messages.uploads} tabindex="-1">
      ${renderHeader({
        view: viewSummary(summary, messages),
        connection: connection && viewConnection(connection, this.#connectionControl.isOnline, messages),
        connectionControl: this.#connectionControl,
        messages,
        frame: this.#frame,
      })}
      ${renderJob(this.#job.job, uploader?.jobId ?? '', messages)}
      ${this.renderIntake({ isRoomy: summary.total === 0 })} ${hasFiles ? nothing : html`<slot name="empty"></slot>`}
      ${hasFiles ? renderTabs({ current: tab, summary, messages, onChoose: this.#tabs.choose }) : nothing}
      ${renderFiles({ tabs: this.#tabs, summary, messages, list })}
      ${uploader ? this.#toolbar.render(uploader, summary, tab, messages) : nothing}
      <slot name="footer"></slot>
    </section>`
  }

  readonly #showFailed = () => {
    this.expand()
    this.#tabs.choose('failed')
    void this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>('#tab-failed')?.focus())
  }

  readonly #focusPanel = () => this.renderRoot.querySelector<HTMLElement>('.panel')?.focus({ preventScroll: true })

  protected override unfold(): void {
    this.expand()
  }

  protected override revealTaken(id: string): void {
    // What was just added is shown, whatever had been looked at.
    if (this.#tabs.current !== 'all') this.tab = 'active'
    void this.updateComplete.then(() => this.renderRoot.querySelector('upload-panel-list')?.reveal(id))
  }

  protected override attach(uploader: Uploader): () => void {
    this.#ofRun = createRunSummary()
    const announcer = createAnnouncer({
      messages: () => this.words,
      summary: uploader.$summary.get(),
      sayPolitely: (text) => (this.news = { id: this.news.id + 1, text }),
      sayNow: (text) => (this.alarm = { id: this.alarm.id + 1, text }),
      setTimer: pageTimer,
    })
    const stops: readonly (() => void)[] = [
      announce(uploader, announcer),
      this.#toasts.follow(uploader),
      super.attach(uploader),
      () => announcer.dispose(),
    ]
    return () => {
      for (const stop of stops) stop()
    }
  }
}

// All in this one module, the only one of the panel's with a side effect: bundlers may drop unused imports from every other.
define('upload-panel-row', UploadPanelRow)
define('upload-panel-list', UploadPanelList)
define('upload-panel', UploadPanel)

declare global {
  interface HTMLElementTagNameMap {
    'upload-panel': UploadPanel
  }
}
