import type { ConnectionStatus } from '@upload-panel/core'
import { html, nothing, svg, type TemplateResult } from 'lit'
import { icons } from './icons.js'
import type { Messages } from './messages.js'
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
    ${
      view.fraction === undefined
        ? nothing
        : html`<div class="total" part="total" aria-hidden="true">
            <div class="total-fill" .style=${`--_fraction:${view.fraction}`}></div>
          </div>`
    }
  `
}

/** The realtime connection; nothing where there is none to speak of. */
function renderConnection(connection: ConnectionStatus, messages: Messages): TemplateResult | typeof nothing {
  if (connection.transport === 'none') return nothing
  const { tone, label } = describe(connection, messages)
  return html`<span class="connection ${tone}" part="connection" title=${label}>
    <span class=${tone === 'connected' ? 'visually-hidden' : ''}>${label}</span>
  </span>`
}

function describe({ status, polling }: ConnectionStatus, { connection }: Messages): { readonly tone: string; readonly label: string } {
  if (status === 'connected') return { tone: 'connected', label: connection.live }
  if (polling) return { tone: 'reconnecting', label: connection.polling }
  if (status === 'reconnecting') return { tone: 'reconnecting', label: connection.reconnecting }
  return { tone: 'error', label: connection.offline }
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
