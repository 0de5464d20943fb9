import type { ConnectionStatus } from '@upload-panel/core'
import { html, nothing, svg, type TemplateResult } from 'lit'
import { icons } from '../shared/icons.js'
import type { Messages } from '../messages/messages.js'
import type { SummaryView } from './summary-view.js'

/** A line breaks after the dot, never before it. */
const SEPARATOR = '\u00A0· '

export interface HeaderOptions {
  readonly view: SummaryView
  readonly connection: ConnectionStatus | undefined
  readonly messages: Messages
  readonly onCollapse: () => void
}

export function renderHeader({ view, connection, messages, onCollapse }: HeaderOptions): TemplateResult {
  const label = messages.action.collapse
  return html`
    <div class="header" part="header">
      <div class="heading">
        <h2 class="title" part="title"><bdi>${view.title}</bdi></h2>
        <p class="summary" part="summary"><bdi>${view.details.join(SEPARATOR)}</bdi></p>
      </div>
      ${connection === undefined ? nothing : renderConnection(connection, messages)}
      <button type="button" class="icon-button" part="button button-collapse" aria-label=${label} title=${label} aria-expanded="true" @click=${onCollapse}>
        ${icons.collapse}
      </button>
    </div>
    <div class="total ${view.fraction === undefined ? 'still' : ''}" part="total" aria-hidden="true">
      <div class="total-fill" .style=${`--_fraction:${view.fraction ?? 0}`}></div>
    </div>
  `
}

/** The realtime connection; nothing where there is none to speak of, or none is needed yet. */
function renderConnection(
  { status, transport, polling, reconnectAttempts }: ConnectionStatus,
  { connection }: Messages,
): TemplateResult | typeof nothing {
  if (transport === 'none' || transport === 'polling' || status === 'disconnected') return nothing
  if (status === 'connected') return renderDot('connected', connection.live)
  if (status === 'reconnecting' && reconnectAttempts === 0) return renderDot('connecting', connection.connecting)
  const label = status === 'reconnecting' ? connection.reconnecting : connection.lost
  return renderDot(status, label, polling ? connection.polling : '')
}

/** What needs no attention is a dot; what does is a dot and a word. */
function renderDot(state: string, label: string, more = ''): TemplateResult {
  const isCalm = state === 'connected' || state === 'connecting'
  return html`<span class="connection ${state}" part="connection" title=${[label, more].filter(Boolean).join(' · ')}>
    <bdi class=${isCalm ? 'visually-hidden' : ''}>${label}</bdi>
  </span>`
}

export interface BubbleOptions {
  readonly view: SummaryView
  readonly failed: number
  readonly messages: Messages
  readonly onExpand: () => void
}

/** The whole panel as one round button: a ring for the progress, a count for what is still to come. */
export function renderBubble({ view, failed, messages, onExpand }: BubbleOptions): TemplateResult {
  const count = view.unfinished || failed
  const isDone = view.hasFiles && count === 0
  return html`<button
    type="button"
    class="bubble"
    part="bubble"
    lang=${messages.locale}
    aria-expanded="false"
    title=${view.title}
    @click=${onExpand}
  >
    <span class="visually-hidden">${messages.action.expand}: ${[view.title, ...view.details].join(', ')}</span>
    <svg class="ring" viewBox="0 0 56 56" aria-hidden="true">
      <circle class="track" cx="28" cy="28" r="26" />
      ${
        view.fraction === undefined
          ? nothing
          : svg`<circle class="arc" cx="28" cy="28" r="26" pathLength="100" stroke-dasharray="${view.fraction * 100} 100" />`
      }
    </svg>
    ${isDone ? icons.check : icons.upload}
    ${count > 0 ? html`<span class="count ${view.unfinished > 0 ? '' : 'danger'}" part="count" aria-hidden="true">${messages.formats.count(count)}</span>` : nothing}
  </button>`
}
