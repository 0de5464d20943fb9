import type { ConnectionStatus } from '@upload-panel/core'
import { html, nothing, type TemplateResult } from 'lit'
import { icons } from '../shared/icons.js'
import type { Messages } from '../messages/messages.js'
import type { Frame } from './frame-controller.js'
import { renderMoveButton } from './frame-view.js'
import type { SummaryView } from './summary-view.js'

/** A line breaks after the dot, never before it. */
const SEPARATOR = '\u00A0· '

export interface HeaderOptions {
  readonly view: SummaryView
  readonly connection: ConnectionStatus | undefined
  readonly messages: Messages
  readonly frame: Frame
}

export function renderHeader({ view, connection, messages, frame }: HeaderOptions): TemplateResult {
  const label = messages.action.collapse
  return html`
    <div class="header" part="header" @pointerdown=${frame.onPointerdown}>
      <div class="heading">
        <h2 class="title" part="title"><bdi>${view.title}</bdi></h2>
        <p class="summary" part="summary"><bdi>${view.details.join(SEPARATOR)}</bdi></p>
      </div>
      ${connection === undefined ? nothing : renderConnection(connection, messages)}
      ${renderMoveButton(frame, messages)}
      <button type="button" class="icon-button" part="button button-collapse" aria-label=${label} title=${label} aria-expanded="true" @click=${() => frame.setCollapsed(true)}>
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
