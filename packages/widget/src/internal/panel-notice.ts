import type { RejectedFile } from '@upload-panel/core'
import { html, nothing, type TemplateResult } from 'lit'
import { displayName } from './file-name.js'
import { icons } from './icons.js'
import type { Messages } from './messages.js'

/** What could not be added, and why. */
export interface Notice {
  readonly title: string
  readonly lines: readonly string[]
}

/** Ten thousand refused files need no ten thousand lines. */
const MAX_LINES = 3

export function rejectedNotice(files: readonly RejectedFile[], messages: Messages): Notice {
  const lines = files.slice(0, MAX_LINES).map(({ file, error }) => `${displayName(file.name)} – ${error.message}`)
  const rest = files.length - lines.length
  return { title: messages.rejected(files.length), lines: rest > 0 ? [...lines, messages.andMore(rest)] : lines }
}

export function unreadableNotice(paths: readonly string[], messages: Messages): Notice {
  return { title: messages.unreadableFiles(paths.length, displayName(paths[0] ?? '')), lines: [] }
}

export function renderNotice({ title, lines }: Notice, messages: Messages, onDismiss: () => void): TemplateResult {
  return html`<div class="notice" part="notice">
    <div class="notice-text">
      <strong><bdi>${title}</bdi></strong>
      ${lines.length === 0 ? nothing : html`<ul>${lines.map((line) => html`<li><bdi>${line}</bdi></li>`)}</ul>`}
    </div>
    <button type="button" class="icon-button" part="button" aria-label=${messages.action.dismiss} title=${messages.action.dismiss} @click=${onDismiss}>
      ${icons.cancel}
    </button>
  </div>`
}
