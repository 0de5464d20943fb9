import type { UploadItem } from '@upload-panel/core'
import { html, nothing, type TemplateResult } from 'lit'
import type { Messages } from '../messages/messages.js'
import { icons } from '../shared/icons.js'
import { type Level, LEVELS, levelOf } from './priority.js'

/** What the menu of a row can do to its file. */
export type MenuAction = 'to-top' | 'up' | 'down' | 'to-bottom' | Level | 'pause' | 'resume' | 'cancel'

export interface MenuOptions {
  readonly item: UploadItem
  readonly name: string
  readonly canMoveUp: boolean
  readonly canMoveDown: boolean
  readonly messages: Messages
  readonly onChosen: (action: MenuAction) => void
}

/** All that a drag can do, and the priority, for a single press each. */
export function renderMenu({ item, name, canMoveUp, canMoveDown, messages, onChosen }: MenuOptions): TemplateResult {
  const { action, queue } = messages
  const entry = (chosen: MenuAction, label: string, isEnabled = true) =>
    html`<button
      type="button"
      role="menuitem"
      part="menu-item"
      data-action=${chosen}
      tabindex="-1"
      aria-disabled=${isEnabled ? nothing : 'true'}
      @click=${() => isEnabled && onChosen(chosen)}
    >
      <bdi>${label}</bdi>
    </button>`
  return html`
    <div role="group" aria-label=${messages.actionOn(queue.handle, name)}>
      ${entry('to-top', queue.toTop, canMoveUp)} ${entry('up', queue.up, canMoveUp)} ${entry('down', queue.down, canMoveDown)}
      ${entry('to-bottom', queue.toBottom, canMoveDown)}
    </div>
    <div role="group" aria-label=${queue.priority}>
      <div class="group-title" aria-hidden="true">${queue.priority}</div>
      ${LEVELS.map(
        (level) => html`<button
          type="button"
          role="menuitemradio"
          part="menu-item"
          data-action=${level}
          tabindex="-1"
          aria-checked=${levelOf(item.priority) === level}
          @click=${() => onChosen(level)}
        >
          <bdi>${queue.level[level]}</bdi>${levelOf(item.priority) === level ? icons.check : nothing}
        </button>`,
      )}
    </div>
    <div role="group" aria-label=${messages.actionOn(queue.more, name)}>
      ${item.paused ? entry('resume', action.resume) : entry('pause', action.pause)} ${entry('cancel', action.cancel)}
    </div>
  `
}

/** Where a menu opens: below its button, or above where there is more room, and within the window. */
export function placeMenu(
  anchor: Pick<DOMRect, 'top' | 'bottom' | 'left' | 'right'>,
  menu: { readonly width: number; readonly height: number },
  view: { readonly width: number; readonly height: number },
  isRightToLeft: boolean,
): { readonly left: number; readonly top: number } {
  const margin = 8
  const within = (value: number, size: number, room: number) => Math.max(margin, Math.min(value, room - size - margin))
  const fitsBelow = anchor.bottom + menu.height + margin <= view.height
  const top = fitsBelow || anchor.top < view.height - anchor.bottom ? anchor.bottom + 4 : anchor.top - menu.height - 4
  const left = isRightToLeft ? anchor.left : anchor.right - menu.width
  return { left: within(left, menu.width, view.width), top: within(top, menu.height, view.height) }
}
