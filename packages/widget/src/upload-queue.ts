import type { Uploader } from '@upload-panel/core'
import { html, type TemplateResult } from 'lit'
import { define } from './shared/define.js'
import { UploaderElement } from './shared/uploader-element.js'
import { controls } from './styles/controls.js'
import { tokens } from './styles/tokens.js'

/**
 * `<upload-queue>`: The queue in its order, which the person may change.
 *
 * @element upload-queue
 */
export class UploadQueue extends UploaderElement {
  static override readonly styles = [tokens, controls]

  protected override attach(_uploader: Uploader): () => void {
    return () => {}
  }

  protected override render(): TemplateResult {
    return html``
  }
}

define('upload-queue', UploadQueue)

declare global {
  interface HTMLElementTagNameMap {
    'upload-queue': UploadQueue
  }
}
