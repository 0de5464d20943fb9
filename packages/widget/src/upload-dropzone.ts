import { css, html, type TemplateResult } from 'lit'
import { IntakeElement, intakeStyles } from './dropzone/intake-element.js'
import { define } from './shared/define.js'
import { controls } from './styles/controls.js'
import { tokens } from './styles/tokens.js'

/**
 * `<upload-dropzone>`: where files are dropped, pasted and chosen.
 *
 * @element upload-dropzone
 */
export class UploadDropzone extends IntakeElement {
  static override readonly styles = [
    tokens,
    controls,
    intakeStyles,
    css`
      :host {
        display: block;
        container-type: inline-size;
        font: var(--_font);
        color: var(--_text);
        text-align: start;
        -webkit-font-smoothing: antialiased;
      }
      :host([hidden]) {
        display: none;
      }
      .dropzone.roomy {
        margin: 0;
      }
      .notice,
      .form-problem,
      .restored {
        margin: 12px 0 0;
      }
    `,
  ]

  protected override render(): TemplateResult {
    return html`<div lang=${this.words.locale}>${this.renderIntake({ isRoomy: true })}</div>${this.renderOverlay()}`
  }
}

define('upload-dropzone', UploadDropzone)

declare global {
  interface HTMLElementTagNameMap {
    'upload-dropzone': UploadDropzone
  }
}
