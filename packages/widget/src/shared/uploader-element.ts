import { type AddInput, type AddOptions, UploadError, type Uploader } from '@upload-panel/core'
import type { PropertyValues } from 'lit'
import { property } from 'lit/decorators.js'
import { BaseElement } from './base-element.js'
import { makeUploader } from './make-uploader.js'
import { uploaderController } from './uploader-controller.js'
import { forwardEvents } from './uploader-events.js'
import { wholeNumber } from './whole-number.js'

/** Tells the elements around that this one has another uploader now. */
const UPLOADER_CHANGE = 'upload-panel-uploader-change'

/**
 * An element with an uploader: the one that it was given, else that of the element that `for` names, else its own, which it makes from its
 * `endpoint` and which ends with it.
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
 */
export abstract class UploaderElement extends BaseElement {
  /** Id of an element in the same document or shadow tree, `<upload-panel>` for one, whose uploader is used. It tells the events then. */
  @property({ attribute: 'for' }) htmlFor = ''
  /** Where the server adapter is mounted. Changing it ends the element's own uploader and makes another. */
  @property() endpoint = ''
  /** How the server's word arrives, for the own uploader: pushed by `sse`, or with `polling` and `none` asked for now and then. @default 'sse' */
  @property() realtime: 'sse' | 'polling' | 'none' = 'sse'
  /** Files in transfer at once, for the own uploader. @default 100 */
  @property({ converter: wholeNumber }) concurrency: number | undefined
  /** Types that are taken, as in a file input: `image/*,.pdf`. The own uploader refuses others; a given one decides by itself. @default '' (all) */
  @property() accept = ''
  /** Largest file that is taken, in bytes. */
  @property({ converter: wholeNumber, attribute: 'max-size' }) maxSize: number | undefined
  /** Most files that are taken. */
  @property({ converter: wholeNumber, attribute: 'max-files' }) maxFiles: number | undefined
  /** Files wait until `start()` is called. */
  @property({ type: Boolean, attribute: 'no-auto-start' }) noAutoStart = false
  /** The job of an earlier page: what the server knows of it comes back. */
  @property({ attribute: 'job-id' }) jobId: string | undefined
  /**
   * The own uploader's queue goes on after a reload, and is shared by the tabs of the same name: the attribute's value, or else the endpoint.
   * Name it after the person where several use one browser.
   */
  @property() persist: string | undefined

  #madeFor: string | undefined
  #root: Node | undefined
  readonly #uploader = uploaderController(this, {
    borrow: () => this.source?.uploader,
    make: () => this.#make(),
    attach: (uploader) => this.#attach(uploader),
  })

  /** The uploader that is shown. `undefined` while there is none, and for an own one that is not in a document. */
  @property({ attribute: false })
  get uploader(): Uploader | undefined {
    return this.#uploader.current
  }

  set uploader(uploader: Uploader | undefined) {
    this.#uploader.give(uploader)
  }

  /**
   * Adds files as if they had been dropped. Returns the ids of those that were taken.
   * @throws UploadError `validation` where the element has no uploader to add them to.
   */
  addFiles(files: AddInput, options?: AddOptions): readonly string[] {
    const { uploader, localName } = this
    if (!uploader) {
      throw new UploadError(
        'validation',
        `This <${localName}> has nowhere to send files: give it an endpoint or an uploader, and put it in the document.`,
      )
    }
    return uploader.add(files, options)
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.#root = this.getRootNode()
    this.#root.addEventListener(UPLOADER_CHANGE, this.#onUploaderChange)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#root?.removeEventListener(UPLOADER_CHANGE, this.#onUploaderChange)
  }

  /** Follows an uploader; the returned function lets go of it. */
  protected abstract attach(uploader: Uploader): () => void

  protected override willUpdate(changed: PropertyValues): void {
    super.willUpdate(changed)
    if (this.#madeFor !== this.#correspondent) this.#uploader.renew()
  }

  readonly #onUploaderChange = (event: Event) => {
    const { target } = event
    // Of an element that has left, the root tells.
    if (this.htmlFor !== '' && (target === this.#root || (target as Element).id === this.htmlFor)) this.requestUpdate()
  }

  /** The element that `for` names, by its shape: a page may have loaded this package twice. */
  protected get source(): UploaderElement | undefined {
    if (this.htmlFor === '' || !this.isConnected) return undefined
    const root = this.getRootNode() as Document | ShadowRoot
    const source = root.getElementById(this.htmlFor)
    return source !== this && source !== null && 'uploader' in source ? (source as UploaderElement) : undefined
  }

  #make(): Uploader | undefined {
    this.#madeFor = this.#correspondent
    return this.endpoint && this.htmlFor === '' ? makeUploader(this) : undefined
  }

  /** Whom the own uploader speaks with, and about what: another one needs another uploader. */
  get #correspondent(): string {
    return JSON.stringify([this.endpoint, this.realtime, this.jobId, this.persist, this.htmlFor])
  }

  #attach(uploader: Uploader): () => void {
    // The page hears of a fact when the element itself, such as its value in a form, is as it says.
    const stops = [this.attach(uploader), ...(this.htmlFor === '' ? [forwardEvents(uploader, this)] : [])]
    this.dispatchEvent(new Event(UPLOADER_CHANGE, { bubbles: true }))
    this.requestUpdate()
    return () => {
      for (const stop of stops) stop()
      if (!this.isConnected) this.#root?.dispatchEvent(new Event(UPLOADER_CHANGE))
    }
  }
}
