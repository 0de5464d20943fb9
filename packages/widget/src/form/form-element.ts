import { EMPTY_SUMMARY, type Uploader, type UploadItem } from '@upload-panel/core'
import type { PropertyValues } from 'lit'
import { property, state } from 'lit/decorators.js'
import { setState } from '../shared/custom-states.js'
import { internalsOf } from '../shared/element-internals.js'
import { UploaderElement } from '../shared/uploader-element.js'
import { createConfirmedIds } from './confirmed-ids.js'
import { onFocusMoved } from './focus-moved.js'
import { type Problem, problemOf, unfinished } from './validity.js'

/** The id that the server knows the upload by, or where it gave none, the item's own. */
function idOf({ operationId, id }: UploadItem): string {
  return operationId ?? id
}

/**
 * An element with an uploader that is a control of the form around it. Its value are the ids of the files that the server has confirmed.
 *
 * @fires input - The value has changed: a file was confirmed, or a confirmation was taken back
 * @fires change - The value has changed, and nothing is under way any more
 */
export abstract class FormElement extends UploaderElement {
  static readonly formAssociated = true

  /** Under which each confirmed id is an entry of the form's data. Without it there are none. @default '' */
  @property({ reflect: true, useDefault: true }) name = ''
  /** At least one file has to be confirmed before the form can be sent. */
  @property({ type: Boolean, reflect: true }) required = false
  /** Takes no files for now, and is no part of the form; a disabled `<fieldset>` around it does the same. What is under way goes on. */
  @property({ type: Boolean, reflect: true }) disabled = false
  /**
   * What stands for a confirmed file in the form's data, such as the URL out of its `result`. Asked once for each file. Where it throws or gives nothing, it is
   * the default.
   * @default the id that the server knows the upload by, or where it gave none, the item's own
   */
  @property({ attribute: false }) formValue: (item: UploadItem) => string = idOf

  /** What is in the way of the form, once somebody has tried to send it or asked for a report. */
  @state() private shownProblem: Problem | undefined

  readonly #ids = createConfirmedIds((item) => this.#valueOf(item))
  #followed: Uploader | undefined
  #custom = ''
  #problem: Problem | undefined
  /** What the browser points to: it may have been rendered anew. */
  #anchor: HTMLElement | undefined
  /** The value is another than when the last `change` was told. */
  #isChanged = false
  #isReported = false
  #isSilent = false

  constructor() {
    super()
    // What a label of the page's own can name.
    if (this.#internals) this.#internals.role = 'group'
    this.addEventListener('invalid', () => {
      // The same event comes of an attempt to send the form and of a mere question: only after the first the browser takes focus to what is in the way.
      if (!this.#isSilent) onFocusMoved(this, () => this.#report())
    })
    this.addEventListener('click', (event) => {
      const isOnLabel = event.composedPath()[0] === this && this.labels && this.labels.length > 0
      if (isOnLabel && !this.isDisabled) this.activate()
    })
  }

  /** Ids of the confirmed files, in the order of their confirmation. */
  get value(): readonly string[] {
    return this.#ids.list()
  }

  /** The name of the element, as other controls have one of their kind. */
  get type(): string {
    return this.localName
  }

  /** The form that it belongs to: the one around it, or the one that its `form` attribute names. */
  get form(): HTMLFormElement | null {
    return this.#internals?.form ?? null
  }

  /** Labels of the page's own. A click on one opens the file picker. */
  get labels(): NodeList | undefined {
    return this.#internals?.labels
  }

  /** Whether the form could be sent as far as this element goes, and why not: `badInput`, `valueMissing` or `customError`. */
  get validity(): ValidityState | undefined {
    return this.#internals?.validity
  }

  /** The sentence that says what is in the way of the form, in the language of the element; '' where nothing is. */
  get validationMessage(): string {
    return this.#problem?.text ?? ''
  }

  /** Whether it is asked for its validity at all: not while it is disabled. */
  get willValidate(): boolean {
    return this.#internals?.willValidate ?? !this.isDisabled
  }

  /** Whether the form could be sent as far as this element goes. Tells an `invalid` event if not, and shows nothing. */
  checkValidity(): boolean {
    this.#isSilent = true
    try {
      return this.#internals?.checkValidity() ?? this.#problem === undefined
    } finally {
      this.#isSilent = false
    }
  }

  /** The same, and the person sees what is in the way. */
  reportValidity(): boolean {
    const isValid = this.#internals?.reportValidity() ?? this.#problem === undefined
    if (!isValid) this.#report()
    return isValid
  }

  /** An objection of the page's own, until it is taken back with ''. */
  setCustomValidity(message: string): void {
    this.#custom = message
    this.#validate()
  }

  /** Focuses what adds files, unless the page has made the element itself a stop of the Tab key. */
  override focus(options?: FocusOptions): void {
    if (this.hasAttribute('tabindex')) super.focus(options)
    else this.#anchorFor('valueMissing')?.focus(options)
  }

  /** Called by the browser: a fieldset around was disabled or enabled, or the element itself. */
  formDisabledCallback(): void {
    this.requestUpdate()
  }

  /** Called by the browser: the form is reset. Takes every file off the list; those that go on are cancelled. */
  formResetCallback(): void {
    this.#isSilent = true
    this.uploader?.clear('all')
    this.#isSilent = false
    this.#ids.clearRestored()
    this.#isChanged = this.#isReported = false
    this.#publish()
  }

  /** Called by the browser: the page is back. Confirmed ids are kept, though of their files nothing else is known any more. */
  formStateRestoreCallback(saved: File | string | FormData | null): void {
    if (!(saved instanceof FormData)) return
    this.#ids.restore(Array.from(saved.values()).filter((id) => typeof id === 'string'))
    this.#publish()
  }

  /** By its own attribute or by a fieldset around it. */
  protected get isDisabled(): boolean {
    return this.disabled || this.matches(':disabled')
  }

  /** Of how many ids in the value nothing but themselves is known: they were confirmed before the page was left. */
  protected get restoredCount(): number {
    return this.#ids.restoredCount
  }

  /** What is in the way of the form, where the person has been told so. */
  protected get problem(): string | undefined {
    return this.shownProblem?.text
  }

  /** What a click on a label of the element does. */
  protected abstract activate(): void

  /** Shows what is folded away: there is something to say. */
  protected unfold(): void {}

  protected forgetRestored(): void {
    this.#ids.clearRestored()
    this.#tell()
  }

  protected override attach(uploader: Uploader): () => void {
    this.#followed = uploader
    for (const item of uploader.items()) this.#ids.note(item)
    this.#publish()
    const stops = [
      uploader.on('changed', (item, before) => {
        if (item.phase !== before.phase) this.#tell(this.#ids.note(item))
      }),
      // Held and let go again: of that no item tells.
      uploader.$summary.listen(() => this.#validate()),
      uploader.on('added', (items) => this.#tell(items.filter((item) => this.#ids.note(item)).length > 0)),
      uploader.on('removed', (items) => this.#tell(items.filter(({ id }) => this.#ids.forget(id)).length > 0)),
    ]
    return () => {
      for (const stop of stops) stop()
      this.#followed = undefined
      this.#ids.clear()
      this.#publish()
    }
  }

  protected override willUpdate(changed: PropertyValues): void {
    super.willUpdate(changed)
    if (changed.has('name')) this.#setValue()
    // The words may be others now, and what is required.
    this.#validate()
  }

  protected override updated(changed: PropertyValues): void {
    super.updated(changed)
    if (this.#problem && this.#anchorFor(this.#problem.flag) !== this.#anchor) this.#setValidity()
    setState(this, 'invalid', this.shownProblem !== undefined)
  }

  /** The person is told what is in the way of the form. */
  #report(): void {
    this.#isReported = true
    this.#validate()
    if (this.shownProblem) this.unfold()
  }

  /** The value for the form, and what is in its way. */
  #publish(): void {
    this.#setValue()
    this.#validate()
    this.requestUpdate()
  }

  /** News of an item: the form knows before the page hears of it. */
  #tell(isChanged: boolean = true): void {
    if (isChanged) this.#setValue()
    this.#validate()
    if (this.#isSilent) return
    if (isChanged) {
      this.#isChanged = true
      this.dispatchEvent(new Event('input', { bubbles: true, composed: true }))
    }
    if (!this.#isChanged || unfinished(this.#summary) > 0) return
    this.#isChanged = false
    this.dispatchEvent(new Event('change', { bubbles: true }))
  }

  #setValue(): void {
    this.#internals?.setFormValue(this.name === '' ? null : this.#ids.entries(this.name))
  }

  #validate(): void {
    const circumstances = { summary: this.#summary, confirmedCount: this.#ids.size, isRequired: this.required, custom: this.#custom }
    const problem = problemOf(circumstances, this.words)
    if (problem?.flag !== this.#problem?.flag || problem?.text !== this.#problem?.text) {
      this.#problem = problem
      this.#setValidity()
    }
    if (problem === undefined) this.#isReported = false
    this.shownProblem = this.#isReported && this.willValidate ? this.#problem : undefined
  }

  #setValidity(): void {
    const problem = this.#problem
    this.#anchor = problem && this.#anchorFor(problem.flag)
    this.#internals?.setValidity(problem ? { [problem.flag]: true } : {}, problem?.text, this.#anchor)
  }

  get #summary() {
    return this.#followed?.$summary.get() ?? EMPTY_SUMMARY
  }

  /** The page's own function must not stop what follows the same change of the file, nor put "undefined" into a form. */
  #valueOf(item: UploadItem): string {
    let value: unknown
    try {
      value = this.formValue(item)
    } catch (error) {
      reportError(error)
    }
    return typeof value === 'string' || typeof value === 'number' ? String(value) : idOf(item)
  }

  /** What the browser focuses and points to. */
  #anchorFor(flag: Problem['flag']): HTMLElement | undefined {
    const find = (selector: string) => this.shadowRoot?.querySelector<HTMLElement>(selector)
    const about = flag === 'badInput' ? find('.panel') : undefined
    return about ?? find('.files-button') ?? find('button') ?? undefined
  }

  /** `undefined` in engines that know no form controls of a page's own: everything else works there. */
  get #internals(): ElementInternals | undefined {
    return 'attachInternals' in this && 'setFormValue' in ElementInternals.prototype ? internalsOf(this) : undefined
  }
}
