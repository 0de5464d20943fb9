import type { AddInput, Uploader } from '@upload-panel/core'
import { html, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { property, state } from 'lit/decorators.js'
import { FormElement } from '../form/form-element.js'
import { formStyles } from '../form/form-styles.js'
import { noticeStyles } from '../panel/notice-styles.js'
import { EMPTY_NOTICE, type Notice, renderNotice, withRejected, withUnreadable } from '../panel/panel-notice.js'
import { setState } from '../shared/custom-states.js'
import { icons } from '../shared/icons.js'
import { pageTimer } from '../text/voice.js'
import { dropController, type Scope } from './drop-controller.js'
import { dropOverlayStyles, raiseDropOverlay, renderDropOverlay } from './drop-overlay.js'
import { dropZoneStyles } from './drop-zone-styles.js'
import { type Capture, openPicker, type PickerKind, renderDropZone } from './drop-zone-view.js'
import { withPaths } from '@upload-panel/core/files'
import { describeLimits, type Limits } from './limits.js'

/** How the zone looks, what it has to say, and what lies over the page. */
export const intakeStyles = [dropZoneStyles, dropOverlayStyles, noticeStyles, formStyles]

export interface IntakeView {
  /** Large, as an invitation; or one line, where files are what matters. */
  readonly isRoomy: boolean
  /** Content of the page's own, in the place of the prompt. */
  readonly content?: TemplateResult | undefined
  /** What was refused is told to who cannot see it; else something around has to. @default false */
  readonly isAloud?: boolean
}

/** An element with an uploader that takes files from a person: dropped, pasted or chosen. What it refuses, it says. */
export abstract class IntakeElement extends FormElement {
  /** Where dropped files are taken: on the element, anywhere on the `page`, or nowhere with `none`. A hidden element takes none. @default 'element' */
  @property() drop: Scope = 'element'
  /** Where pasted files are taken: while focus is in the element, anywhere on the `page`, or nowhere with `none`. Text fields keep what is theirs. @default 'element' */
  @property() paste: Scope = 'element'
  /** Takes no dropped or pasted files: only the buttons add some. */
  @property({ type: Boolean, attribute: 'no-drop' }) noDrop = false
  /** Offers the camera on touch devices, the one that faces the `user` or the `environment`. @default '' (none) */
  @property() capture: Capture = ''
  /** A click beside the buttons does not open the file picker. */
  @property({ type: Boolean, attribute: 'no-click' }) noClick = false

  @state() private notice = EMPTY_NOTICE

  /** What was chosen, or read from a folder, while the element was in no document and had no uploader: a file dialog does not close with it. */
  readonly #kept: AddInput[] = []
  /** Files are being added by this element's own doing, and not by another that shares its uploader. */
  #isTaking = false
  readonly #drop = dropController(this, {
    dropScope: () => (this.noDrop ? 'none' : this.drop),
    pasteScope: () => (this.noDrop ? 'none' : this.paste),
    isDisabled: () => this.isDisabled,
    onDropped: () => this.#dismissNotice(),
    onFiles: (files) => this.#take(files),
    onUnreadable: (paths) => this.#say(withUnreadable(this.notice, paths), true),
    setTimer: pageTimer,
  })

  /** Opens the browser's file picker. Browsers allow that while they handle a click or a key. */
  openPicker(): void {
    this.#open('files')
  }

  /** Opens the browser's picker for a whole folder, where it has one and more than one file is taken. */
  openFolderPicker(): void {
    this.#open('folder')
  }

  override addFiles(...input: Parameters<FormElement['addFiles']>): readonly string[] {
    this.#isTaking = true
    try {
      return super.addFiles(...input)
    } finally {
      this.#isTaking = false
    }
  }

  /** Files that would be taken are being dragged over the element, or over the page where all of it counts. */
  protected get isOver(): boolean {
    return this.#drop.isOver
  }

  /** Told of the first of the files that a person has added. */
  protected revealTaken(_id: string): void {}

  protected override attach(uploader: Uploader): () => void {
    const stops = [
      super.attach(uploader),
      uploader.on('rejected', (files) => {
        if (this.htmlFor === '' || this.#isTaking) this.#say(withRejected(this.notice, files), this.#isTaking)
      }),
    ]
    return () => {
      for (const stop of stops) stop()
    }
  }

  protected override activate(): void {
    this.focus()
    this.openPicker()
  }

  protected override updated(changed: PropertyValues): void {
    super.updated(changed)
    setState(this, 'over', this.isOver)
    setState(this, 'reading', this.#drop.readingCount !== undefined)
    raiseDropOverlay(this.renderRoot)
    if (this.uploader !== undefined) for (const files of this.#kept.splice(0)) this.#take(files)
  }

  /** The zone, what it has to say, and what lies over the page. */
  protected renderIntake({ isRoomy, content, isAloud = false }: IntakeView): TemplateResult {
    const { words: messages } = this
    return html`${renderDropZone({
      messages,
      ...this.#limits,
      canDrop: !this.noDrop && this.drop !== 'none',
      canClick: !this.noClick,
      isDisabled: this.isDisabled,
      // Where all of the page counts, what lies over it says so.
      isOver: this.isOver && this.drop !== 'page',
      isRoomy,
      content,
      readingCount: this.#drop.readingCount,
      capture: this.capture,
      describedBy: this.problem === undefined ? undefined : 'problem',
      onFiles: (files) => {
        this.#dismissNotice()
        this.#take(withPaths(files))
      },
    })}
    ${this.problem === undefined ? nothing : html`<p class="form-problem" part="problem" id="problem">${icons.problem}<bdi>${this.problem}</bdi></p>`}
    ${this.restoredCount > 0 ? this.#renderRestored() : nothing}
    <div role=${isAloud ? 'alert' : nothing}>${renderNotice(this.notice, messages, () => this.#dismissNotice())}</div>`
  }

  /** Over the page while files are dragged across it; belongs outside everything that may be hidden. */
  protected renderOverlay(): TemplateResult | typeof nothing {
    return this.isOver && this.drop === 'page' ? renderDropOverlay(describeLimits(this.#limits, this.words), this.words) : nothing
  }

  override formResetCallback(): void {
    super.formResetCallback()
    this.#dismissNotice()
  }

  #renderRestored(): TemplateResult {
    const { form, action } = this.words
    const label = action.remove
    return html`<p class="restored" part="restored">
      ${icons.check}<bdi>${form.restored(this.restoredCount)}</bdi>
      <button
        type="button"
        class="icon-button"
        part="button button-remove-restored"
        aria-label=${label}
        title=${label}
        ?disabled=${this.isDisabled}
        @click=${() => this.forgetRestored()}
      >
        ${icons.remove}
      </button>
    </p>`
  }

  /** Where it says nothing itself, those of the element that it is for. */
  get #limits(): Limits {
    const { accept, maxSize, maxFiles, source } = this
    return { accept: accept || source?.accept || '', maxSize: maxSize ?? source?.maxSize, maxFiles: maxFiles ?? source?.maxFiles }
  }

  #open(kind: PickerKind): void {
    if (this.isDisabled || openPicker(this.renderRoot, kind)) return
    this.unfold()
    void this.updateComplete.then(() => openPicker(this.renderRoot, kind))
  }

  /** A person who did something has to see what became of it. */
  #say(notice: Notice, isAsked: boolean): void {
    this.notice = notice
    if (isAsked) this.unfold()
  }

  #dismissNotice(): void {
    this.notice = EMPTY_NOTICE
  }

  #take(files: AddInput): void {
    if (this.uploader === undefined && !this.isConnected) {
      this.#kept.push(files)
      return
    }
    const [first] = this.addFiles(files)
    if (first !== undefined) this.revealTaken(first)
  }
}
