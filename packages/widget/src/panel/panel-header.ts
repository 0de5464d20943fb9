import { html, nothing, type TemplateResult } from 'lit'
import { icons } from '../shared/icons.js'
import { movedTo } from '../shared/moving-bar.js'
import { directionOf } from '../text/direction.js'
import type { Messages } from '../messages/messages.js'
import type { Frame } from './frame-controller.js'
import { renderMoveButton } from './frame-view.js'
import { type ConnectionController, type ConnectionView, renderConnection } from './panel-connection.js'
import type { SummaryView } from './summary-view.js'

export interface HeaderOptions {
  readonly view: SummaryView
  readonly connection: ConnectionView | undefined
  readonly connectionControl: ConnectionController
  readonly messages: Messages
  readonly frame: Frame
}

export function renderHeader({ view, connection, connectionControl, messages, frame }: HeaderOptions): TemplateResult {
  const label = messages.action.collapse
  return html`
    <div class="header" part="header" @pointerdown=${frame.onPointerdown}>
      <div class="heading ${view.details.length === 0 ? 'alone' : ''}">
        <h2 class="title" part="title"><bdi>${view.title}</bdi></h2>
        <p class="summary" part="summary"><bdi dir=${directionOf(messages.locale)}>${renderDetails(view.details)}</bdi></p>
      </div>
      ${renderConnection(connection, connectionControl)}
      <slot name="header"></slot>
      ${renderMoveButton(frame, messages)}
      <button type="button" class="icon-button" part="button button-collapse" aria-label=${label} title=${label} aria-expanded="true" @click=${() => frame.setCollapsed(true)}>
        ${icons.collapse}
      </button>
    </div>
    <div class="total ${view.fraction === undefined ? 'still' : ''}" part="total" aria-hidden="true">
      <div class="total-fill" ${movedTo(view.fraction ?? 0)}></div>
    </div>
  `
}

/** A line breaks after the dot that stands between two figures, never before it. */
function renderDetails(details: readonly string[]): readonly TemplateResult[] {
  const last = details.length - 1
  return details.map(
    (detail, index) => html`<span class="detail">${detail}${index < last ? html`<span class="dot">\u00A0·</span>` : nothing}</span> `,
  )
}
