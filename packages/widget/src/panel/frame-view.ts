import { html, nothing, type TemplateResult } from 'lit'
import { icons } from '../shared/icons.js'
import type { Messages } from '../messages/messages.js'
import type { Frame } from './frame-controller.js'

/** The handle for those who do not drag: a press goes round the corners, the arrow keys move the panel. */
export function renderMoveButton(frame: Frame, messages: Messages): TemplateResult | typeof nothing {
  if (!frame.isFloating) return nothing
  const { move, moveHint } = messages.frame
  return html`<button
    type="button"
    class="icon-button move"
    part="button button-move"
    data-moves
    aria-label=${move}
    aria-describedby="move-hint"
    title="${move}. ${moveHint}"
    @click=${frame.toNextCorner}
    @keydown=${frame.onKeydown}
    @focus=${frame.onFocus}
  >
    ${icons.handle}
  </button>`
}

/** What a floating panel has beside its box: what fixed elements are laid out in, to be measured, and how it is moved, to be heard. */
export function renderSurroundings(frame: Frame, messages: Messages): TemplateResult | typeof nothing {
  if (!frame.isFloating) return nothing
  return html`<div class="area"></div>
    <span class="visually-hidden" id="move-hint" lang=${messages.locale}>${messages.frame.moveHint}</span>`
}
