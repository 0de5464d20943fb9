import { css, html, nothing, type TemplateResult } from 'lit'
import { IntakeElement, intakeStyles } from './dropzone/intake-element.js'
import { define } from './shared/define.js'
import { controls } from './styles/controls.js'
import { tokens } from './styles/tokens.js'

/**
 * `<upload-dropzone>`: where files are dropped, pasted, chosen and photographed, by itself: for a page that shows its uploads elsewhere, or not at all.
 *
 * It adds to the uploader of the element that `for` names, an `<upload-panel>` or an `<upload-queue>`; or to the `uploader` that it was given; or,
 * with an `endpoint`, to one of its own, which ends with it. As a control of a form it has the ids of the confirmed files as its value.
 *
 * ```html
 * <upload-dropzone for="uploads" drop="page" paste="page" accept="image/*" capture="environment"></upload-dropzone>
 * <upload-panel id="uploads" endpoint="/uploads" no-drop></upload-panel>
 * ```
 *
 * By keyboard the zone is its buttons, each a stop of the Tab key, pressed with Enter or Space; a click beside them opens the file picker as well.
 *
 * @element upload-dropzone
 *
 * @slot - In the place of the prompt. What can be clicked in it answers for itself; a click on anything else opens the file picker, unless `no-click` is set
 * @slot buttons - In the place of the buttons: the page's own call `openPicker()` and `openFolderPicker()`
 * @slot limits - In the place of the line that says what is accepted
 * @slot overlay - What the overlay says while files are dragged over the page, with `drop="page"`
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
 * @fires input - The value has changed: a file was confirmed, or a confirmation was taken back
 * @fires change - The value has changed, and nothing is under way any more
 *
 * @csspart dropzone - The zone
 * @csspart button - Each button; also `button-choose-files`, `button-choose-folder`, `button-choose-camera`
 * @csspart overlay - What lies over the page while files are dragged across it
 * @csspart overlay-card - What it says
 * @csspart notice - Files that could not be added
 * @csspart problem - What is in the way of the form
 * @csspart restored - How many files were confirmed before the page was left
 *
 * @cssstate over - Files that would be taken are being dragged over it, or over the page where all of it counts
 * @cssstate reading - Dropped folders are being read
 * @cssstate invalid - The form around it could not be sent, and the reason is shown
 *
 * @cssprop --upload-panel-background - Ground of the buttons and of the overlay
 * @cssprop --upload-panel-surface - Ground of the zone
 * @cssprop --upload-panel-surface-hover - The buttons under the pointer
 * @cssprop --upload-panel-border - Lines
 * @cssprop --upload-panel-text - Text
 * @cssprop --upload-panel-text-muted - Text of lesser weight
 * @cssprop --upload-panel-accent - The main button, and a zone under files
 * @cssprop --upload-panel-accent-strong - Focus
 * @cssprop --upload-panel-on-accent - Text on the accent
 * @cssprop --upload-panel-danger - What was refused, and what is in the way
 * @cssprop --upload-panel-radius - Corners (16px)
 * @cssprop --upload-panel-font - The `font` shorthand of all text
 */
export class UploadDropzone extends IntakeElement {
  static override readonly styles = [
    tokens,
    controls,
    intakeStyles,
    css`
      :host {
        container-type: inline-size;
      }
      .dropzone.roomy {
        margin: 0;
      }
      .notice,
      .form-problem,
      .restored {
        margin: 12px 0 0;
        border: 1px solid var(--_border);
        border-radius: 10px;
        /* The page around may be of another theme. */
        background-color: var(--_background);
      }
      .notice {
        border-color: color-mix(in srgb, var(--_danger) 40%, var(--_background));
        background-color: color-mix(in srgb, var(--_danger) 12%, var(--_background));
      }
      .form-problem,
      .restored {
        min-block-size: 44px;
        padding: 4px 12px;
        align-items: center;
      }
    `,
  ]

  protected override render(): TemplateResult {
    const slot = html`<slot @slotchange=${() => this.requestUpdate()}></slot>`
    // The slot is there in any case, to hear of content that comes later.
    return html`<div lang=${this.words.locale}>
        ${this.renderIntake({ isRoomy: true, isAloud: this.htmlFor === '', content: hasContent(this) ? slot : undefined })} ${hasContent(this) ? nothing : slot}
      </div>
      ${this.renderOverlay()}`
  }
}

/** White space between the tags is none: it would be shown in the place of the prompt. */
function hasContent(element: Element): boolean {
  return Array.from(element.childNodes).some((node) =>
    node instanceof Element ? node.slot === '' : node.nodeType === Node.TEXT_NODE && node.textContent?.trim() !== '',
  )
}

define('upload-dropzone', UploadDropzone)

declare global {
  interface HTMLElementTagNameMap {
    'upload-dropzone': UploadDropzone
  }
}
