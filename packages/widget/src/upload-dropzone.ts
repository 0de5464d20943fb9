import type { Uploader } from '@upload-panel/core'
import { html, type TemplateResult } from 'lit'
import { define } from './shared/define.js'
import { UploaderElement } from './shared/uploader-element.js'
import { controls } from './styles/controls.js'
import { tokens } from './styles/tokens.js'

/**
 * `<upload-dropzone>`: Where files are dropped, pasted and chosen.
 *
 * @element upload-dropzone
 */
export class UploadDropzone extends UploaderElement {
  static override readonly styles = [tokens, controls]

  protected override attach(_uploader: Uploader): () => void {
    return () => {}
  }

  protected override render(): TemplateResult {
    return html``
  }
}

define('upload-dropzone', UploadDropzone)

declare global {
  interface HTMLElementTagNameMap {
    'upload-dropzone': UploadDropzone
  }
}
