import type { Uploader, UploadSummary } from '@upload-panel/core'
import { html, nothing, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import type { Messages } from '../messages/messages.js'
import { transferring } from './summary-view.js'

interface QueueAction {
  readonly name: 'start' | 'pause-all' | 'resume-all' | 'retry-failed' | 'clear-completed'
  readonly label: string
  readonly run: (uploader: Uploader) => void
}

/** What can be done to the whole queue as it stands. Pure. */
export function queueActions(summary: UploadSummary, messages: Messages): readonly QueueAction[] {
  const { action } = messages
  const toSend = transferring(summary)
  const isUntouched = summary.sentBytes === 0 && summary.active + summary.processing + summary.completed + summary.failed === 0
  const actions: QueueAction[] = []
  if (summary.held && toSend > 0) {
    const label = isUntouched ? action.start : action.resumeAll
    actions.push({ name: isUntouched ? 'start' : 'resume-all', label, run: resumeAll })
  } else {
    if (summary.paused > 0) actions.push({ name: 'resume-all', label: action.resumeAll, run: resumeAll })
    if (toSend > summary.paused) actions.push({ name: 'pause-all', label: action.pauseAll, run: (uploader) => uploader.pause() })
  }
  if (summary.failed > 0) {
    actions.push({ name: 'retry-failed', label: action.retryFailed(summary.failed), run: (uploader) => uploader.retry() })
  }
  if (summary.completed > 0) {
    actions.push({
      name: 'clear-completed',
      label: action.clearCompleted(summary.completed),
      run: (uploader) => uploader.clear('completed'),
    })
  }
  return actions
}

/** All: the queue as a whole, and every file that was paused by itself. */
function resumeAll(uploader: Uploader): void {
  uploader.resume()
  for (const item of uploader.items()) if (item.paused) uploader.resume(item.id)
}

export function renderToolbar(uploader: Uploader, summary: UploadSummary, messages: Messages): TemplateResult | typeof nothing {
  const actions = queueActions(summary, messages)
  if (actions.length === 0) return nothing
  return html`<div class="toolbar" part="toolbar" role="group" aria-label=${messages.allFiles}>
    ${repeat(
      actions,
      ({ name }) => name,
      ({ name, label, run }) => html`<button
        type="button"
        class="text-button ${name === 'start' ? 'primary' : ''}"
        part="button button-${name}"
        data-action=${name}
        @click=${() => run(uploader)}
      >
        ${label}
      </button>`,
    )}
  </div>`
}
