import { html, type TemplateResult } from 'lit'
import { define } from './shared/define.js'
import { BaseElement } from './shared/base-element.js'
import { controls } from './styles/controls.js'
import { tokens } from './styles/tokens.js'

/**
 * `<upload-progress>`: One operation of the server, whoever began it.
 *
 * @element upload-progress
 */
export class UploadProgress extends BaseElement {
  static override readonly styles = [tokens, controls]

  protected override render(): TemplateResult {
    return html``
  }
}

define('upload-progress', UploadProgress)

declare global {
  interface HTMLElementTagNameMap {
    'upload-progress': UploadProgress
  }
}
