import type { UploadSummary } from '@upload-panel/core'
import { html, nothing, svg, type TemplateResult } from 'lit'
import { icons } from '../shared/icons.js'
import type { Messages } from '../messages/messages.js'
import type { Frame } from './frame-controller.js'
import { isReady, type SummaryView, transferring } from './summary-view.js'

/** What a collapsed panel says without a word. */
export type BubbleTone = 'idle' | 'active' | 'paused' | 'failed' | 'done'

/** What has failed is told last: as long as something goes on, that is the news. Pure. */
export function bubbleTone(summary: UploadSummary): BubbleTone {
  const toSend = transferring(summary)
  if (isReady(summary)) return 'idle'
  if (toSend > 0 && (summary.held || summary.paused === toSend)) return 'paused'
  if (toSend + summary.processing > 0) return 'active'
  if (summary.failed > 0) return 'failed'
  return summary.completed > 0 ? 'done' : 'idle'
}

const ICONS: Readonly<Record<BubbleTone, TemplateResult>> = {
  idle: icons.upload,
  active: icons.upload,
  paused: icons.pause,
  failed: icons.problem,
  done: icons.check,
}

export interface BubbleOptions {
  readonly view: SummaryView
  readonly summary: UploadSummary
  readonly messages: Messages
  readonly frame: Frame
}

/** The whole panel as one round button: a ring for the progress, a count for what is still to come. */
export function renderBubble({ view, summary, messages, frame }: BubbleOptions): TemplateResult {
  const count = view.unfinished || summary.failed
  const tone = bubbleTone(summary)
  const { isFloating } = frame
  // An ended queue is a whole ring in the colour of its end.
  const filled = (view.fraction ?? (tone === 'idle' ? 0 : 1)) * 100
  return html`<button
    type="button"
    class="bubble ${tone}"
    part="bubble"
    lang=${messages.locale}
    aria-expanded="false"
    aria-describedby=${isFloating ? 'move-hint' : nothing}
    title=${view.title}
    @click=${() => frame.setCollapsed(false)}
    @pointerdown=${frame.onPointerdown}
    @keydown=${frame.onKeydown}
    @focus=${frame.onFocus}
  >
    <span class="visually-hidden">${messages.actionOn(messages.action.expand, messages.formats.list([view.title, ...view.details]))}</span>
    <svg class="ring" viewBox="0 0 56 56" aria-hidden="true">
      <circle class="track" cx="28" cy="28" r="26" />
      ${filled > 0 ? svg`<circle class="arc" cx="28" cy="28" r="26" pathLength="100" stroke-dasharray="${filled} 100" />` : nothing}
    </svg>
    ${ICONS[tone]}
    ${count > 0 ? html`<span class="count" part="count" aria-hidden="true">${shortCount(count, messages)}</span>` : nothing}
  </button>`
}

/** More digits than these would lie over the sign. */
const MOST = 999

function shortCount(count: number, { formats }: Messages): string {
  return count > MOST ? `${formats.count(MOST)}+` : formats.count(count)
}
