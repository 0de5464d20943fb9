import { html, type TemplateResult } from 'lit'
import { define } from './shared/define.js'
import { BaseElement } from './shared/base-element.js'
import { controls } from './styles/controls.js'
import { tokens } from './styles/tokens.js'

/**
 * `<sync-status>`: The realtime connection and what the server is doing.
 *
 * @element sync-status
 */
export class SyncStatus extends BaseElement {
  static override readonly styles = [tokens, controls]

  protected override render(): TemplateResult {
    return html``
  }
}

define('sync-status', SyncStatus)

declare global {
  interface HTMLElementTagNameMap {
    'sync-status': SyncStatus
  }
}
