import type { AddInput, Uploader } from '@upload-panel/core'
import { html, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { property, state } from 'lit/decorators.js'
import { EMPTY_NOTICE, renderNotice, withRejected, withUnreadable } from '../panel/panel-notice.js'
import { pageTimer } from '../text/voice.js'
import { setState } from '../shared/custom-states.js'
import { UploaderElement } from '../shared/uploader-element.js'
import { dropController, type Scope } from './drop-controller.js'
import { raiseDropOverlay, renderDropOverlay } from './drop-overlay.js'
import { type Capture, openPicker, renderDropZone } from './drop-zone-view.js'
import { withPaths } from './folders.js'
import { describeLimits } from './limits.js'

/** An element with an uploader that takes files from a person: dropped, pasted or chosen. What it refuses, it says. */
export abstract class IntakeElement extends UploaderElement {
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
  /** Takes no files for now. What is under way goes on. */
  @property({ type: Boolean, reflect: true }) disabled = false

  @state() private notice = EMPTY_NOTICE

  /** Files are being added by this element's own doing, and not by another that shares its uploader. */
  #isTaking = false
  readonly #drop = dropController(this, {
    dropScope: () => (this.noDrop ? 'none' : this.drop),
    pasteScope: () => (this.noDrop ? 'none' : this.paste),
    isDisabled: () => this.disabled,
    onDropped: () => this.#dismissNotice(),
    onFiles: (files) => this.#take(files),
    onUnreadable: (paths) => (this.notice = withUnreadable(this.notice, paths)),
    setTimer: pageTimer,
  })

  /** Opens the browser's file picker. Browsers allow that while they handle a click or a key. */
  openPicker(): void {
    if (!this.disabled) openPicker(this.renderRoot, 'files')
  }

  /** Opens the browser's picker for a whole folder, where it has one and more than one file is taken. */
  openFolderPicker(): void {
    if (!this.disabled) openPicker(this.renderRoot, 'folder')
  }

  override addFiles(...input: Parameters<UploaderElement['addFiles']>): readonly string[] {
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
    return uploader.on('rejected', (files) => {
      if (this.htmlFor === '' || this.#isTaking) this.notice = withRejected(this.notice, files)
    })
  }

  protected override updated(changed: PropertyValues): void {
    super.updated(changed)
    setState(this, 'over', this.isOver)
    setState(this, 'reading', this.#drop.readingCount !== undefined)
    raiseDropOverlay(this.renderRoot)
  }

  /** The zone, what it has to say, and what lies over the page. */
  protected renderIntake({ isRoomy }: { readonly isRoomy: boolean }): TemplateResult {
    const { words: messages } = this
    return html`${renderDropZone({
      messages,
      accept: this.accept,
      maxSize: this.maxSize,
      maxFiles: this.maxFiles,
      canDrop: !this.noDrop && this.drop !== 'none',
      canClick: !this.noClick,
      isDisabled: this.disabled,
      isOver: this.isOver,
      isRoomy,
      readingCount: this.#drop.readingCount,
      capture: this.capture,
      describedBy: undefined,
      onFiles: (files) => {
        this.#dismissNotice()
        this.#take(withPaths(files))
      },
    })}
    ${renderNotice(this.notice, messages, () => this.#dismissNotice())}`
  }

  /** Over the page while files are dragged across it; belongs outside everything that may be hidden. */
  protected renderOverlay(): TemplateResult | typeof nothing {
    return this.isOver && this.drop === 'page' ? renderDropOverlay(describeLimits(this, this.words), this.words) : nothing
  }

  #dismissNotice(): void {
    this.notice = EMPTY_NOTICE
  }

  #take(files: AddInput): void {
    const [first] = this.addFiles(files)
    if (first !== undefined) this.revealTaken(first)
  }
}
