import type { RejectedFile } from '@upload-panel/core'
import { html, nothing, type TemplateResult } from 'lit'
import { shortName } from '../text/file-name.js'
import { sentence } from '../text/server-words.js'
import { icons } from '../shared/icons.js'
import type { Messages } from '../messages/messages.js'
import { sayError } from '../messages/say-error.js'

/** What could not be added since the person last added something, and why. */
export interface Notice {
  /** How many files the restrictions refused. */
  readonly rejected: number
  /** The first of them. */
  readonly firstRejected: readonly RejectedFile[]
  /** How many files could not be read out of a folder. */
  readonly unreadable: number
  /** Path of the first of them. */
  readonly firstUnreadable: string
}

export const EMPTY_NOTICE: Notice = { rejected: 0, firstRejected: [], unreadable: 0, firstUnreadable: '' }

/** Ten thousand refused files need no ten thousand lines. */
const MAX_LINES = 3

export function withRejected(notice: Notice, files: readonly RejectedFile[]): Notice {
  const firstRejected = [...notice.firstRejected, ...files.slice(0, MAX_LINES)].slice(0, MAX_LINES)
  return { ...notice, rejected: notice.rejected + files.length, firstRejected }
}

export function withUnreadable(notice: Notice, paths: readonly string[]): Notice {
  return {
    ...notice,
    unreadable: notice.unreadable + paths.length,
    firstUnreadable: notice.unreadable > 0 ? notice.firstUnreadable : shortName(paths[0] ?? ''),
  }
}

export function renderNotice(
  { rejected, firstRejected, unreadable, firstUnreadable }: Notice,
  messages: Messages,
  onDismiss: () => void,
): TemplateResult | typeof nothing {
  if (rejected + unreadable === 0) return nothing
  const more = rejected - firstRejected.length
  return html`<div class="notice" part="notice">
    <div class="notice-text">
      ${
        rejected === 0
          ? nothing
          : html`<strong><bdi>${messages.rejected(rejected)}</bdi></strong>
            <ul>
              ${firstRejected.map(({ file, error }) => html`<li><bdi>${shortName(file.name) || messages.unnamedFile}</bdi> – <bdi>${sentence(sayError(error, messages))}</bdi></li>`)}
              ${more > 0 ? html`<li><bdi>${messages.andMore(more)}</bdi></li>` : nothing}
            </ul>`
      }
      ${unreadable === 0 ? nothing : html`<strong><bdi>${messages.unreadableFiles(unreadable, firstUnreadable)}</bdi></strong>`}
    </div>
    <button type="button" class="icon-button" part="button" aria-label=${messages.action.dismiss} title=${messages.action.dismiss} @click=${onDismiss}>
      ${icons.cancel}
    </button>
  </div>`
}
