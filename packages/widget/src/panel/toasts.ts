import type { Uploader } from '@upload-panel/core'
import { html, nothing, type ReactiveControllerHost, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import { icons } from '../shared/icons.js'
import { shortName } from '../text/file-name.js'
import { pageTimer } from '../text/voice.js'
import type { Messages } from '../messages/messages.js'
import type { Placement } from './frame-controller.js'
import { takenCorners } from './frame-neighbours.js'
import { createToastStack, type Toast } from './toast-stack.js'

/** Width of a window in which a panel and a toast have room beside each other, CSS pixels. */
const ROOM_FOR_BOTH = 840

interface ToastsHost extends ReactiveControllerHost, HTMLElement {
  readonly placement: Placement
  readonly noToasts: boolean
  readonly renderRoot: HTMLElement | DocumentFragment
}

export interface Toasts {
  /** Tells the ends of an uploader's batches; the returned function stops that. */
  follow(uploader: Uploader): () => void
  render(messages: Messages, onShowFailed: () => void): TemplateResult | typeof nothing
}

/**
 * What has ended, in a corner of the window: also while the panel is collapsed, which is when nobody would see it else. For the eye alone: the live region
 * says the same, once.
 */
export function toastsController(host: ToastsHost): Toasts {
  const stack = createToastStack({ setTimer: pageTimer, onChange: () => host.requestUpdate() })
  const onVisibility = () => stack.hold('hidden', document.hidden)
  let watched: { readonly region: HTMLElement | null; readonly panel: HTMLElement | null; readonly stop?: () => void } | undefined

  /** Keeps toasts and the panel apart, whichever of them comes, goes or grows. */
  const watch = (region: HTMLElement | null) => {
    const panel = host.renderRoot.querySelector<HTMLElement>('.panel')
    if (region === watched?.region && panel === watched?.panel) return
    watched?.stop?.()
    watched = { region, panel }
    panel?.style.removeProperty('--_toasts')
    if (!region) return
    const observer = new ResizeObserver(() => {
      place(region)
      // Where both are as wide as the window, a sheet ends below them.
      const reach = region.classList.contains('top') ? region.getBoundingClientRect().bottom : 0
      panel?.style.setProperty('--_toasts', `${reach}px`)
    })
    observer.observe(region)
    watched = { region, panel, stop: () => observer.disconnect() }
  }

  /** Where no panel is: across from this one, and not over another. */
  const place = ({ classList }: HTMLElement) => {
    const { left, right, top, bottom } = host.getBoundingClientRect()
    const isLeft = left + right > innerWidth
    const isRtl = getComputedStyle(host).direction === 'rtl'
    const isBeside = innerWidth >= ROOM_FOR_BOTH
    const isCovered = isBeside ? takenCorners(host).has(isLeft === isRtl ? 'bottom-end' : 'bottom-start') : top + bottom > innerHeight
    classList.toggle('left', isLeft)
    // What stands in the page may well begin where the page does.
    classList.toggle('top', host.placement !== 'inline' && isCovered)
  }

  host.addController({
    hostConnected() {
      document.addEventListener('visibilitychange', onVisibility)
      onVisibility()
    },
    hostUpdated() {
      const region = host.renderRoot.querySelector<HTMLElement>('.toasts')
      watch(region)
      // Who was hovered or had focus may have left the page, which no event tells.
      stack.hold('pointer', region?.matches(':hover') ?? false)
      stack.hold('focus', region?.matches(':focus-within') ?? false)
      // Where there are no popovers it is fixed, and does its best. A page may take the panel away because of what has just ended.
      if (!region?.isConnected || !('popover' in region) || region.matches(':popover-open')) return
      // Above everything, whatever clips or transforms the panel.
      region.showPopover()
    },
    hostDisconnected() {
      document.removeEventListener('visibilitychange', onVisibility)
      watch(null)
      stack.clear()
    },
  })

  const onHold = ({ type }: Event) => {
    if (type === 'pointerenter' || type === 'pointerleave') stack.hold('pointer', type === 'pointerenter')
    else stack.hold('focus', type === 'focusin')
  }

  const dismiss = (id: number) => {
    const hadFocus = host.renderRoot.querySelector('.toasts')?.matches(':focus-within')
    stack.dismiss(id)
    // From toast to toast, and from the last to the panel, which is where the host sends what is lost.
    if (hadFocus) void host.updateComplete.then(() => host.renderRoot.querySelector<HTMLElement>('.toast [data-action=dismiss]')?.focus())
  }

  return {
    follow: (uploader) =>
      uploader.on('batch-completed', (items) => {
        if (!host.noToasts) stack.add(items)
      }),
    render(messages, onShowFailed) {
      const { toasts } = stack
      if (toasts.length === 0 || host.noToasts) return nothing
      return html`<div
        class="toasts"
        part="toasts"
        popover="manual"
        role="region"
        lang=${messages.locale}
        aria-label=${messages.panel.notifications}
        @pointerenter=${onHold}
        @pointerleave=${onHold}
        @focusin=${onHold}
        @focusout=${onHold}
      >
        ${repeat(
          toasts,
          ({ id }) => id,
          (toast) =>
            renderToast(toast, messages, {
              onDismiss: () => dismiss(toast.id),
              onShowFailed() {
                stack.dismiss(toast.id)
                onShowFailed()
              },
            }),
        )}
      </div>`
    },
  }
}

interface ToastActions {
  onDismiss(): void
  onShowFailed(): void
}

function renderToast(toast: Toast, messages: Messages, { onDismiss, onShowFailed }: ToastActions): TemplateResult {
  const { panel, action } = messages
  const hasFailed = toast.failed > 0
  const onKeydown = (event: KeyboardEvent) => {
    if (event.key !== 'Escape') return
    event.preventDefault()
    event.stopPropagation()
    onDismiss()
  }
  return html`<div class="toast ${hasFailed ? 'failed' : ''}" part="toast ${hasFailed ? 'toast-failed' : 'toast-completed'}" @keydown=${onKeydown}>
    ${hasFailed ? icons.problem : icons.check}
    <div class="toast-text">
      <strong><bdi>${toastTitle(toast, messages)}</bdi></strong>
      ${hasFailed ? html`<span class="toast-names"><bdi>${messages.actionOn(panel.tab.failed, failedNames(toast, messages))}</bdi></span>` : nothing}
    </div>
    ${hasFailed ? html`<button type="button" class="text-button" part="button button-show-failed" @click=${onShowFailed}>${panel.showFailed}</button>` : nothing}
    <button type="button" class="icon-button" part="button button-dismiss" data-action="dismiss" aria-label=${action.dismiss} title=${action.dismiss} @click=${onDismiss}>
      ${icons.cancel}
    </button>
  </div>`
}

function toastTitle({ completed, failed, total }: Toast, { panel, formats }: Messages): string {
  if (failed === 0) return panel.uploaded(completed)
  return completed === 0 ? panel.noneUploaded(failed) : panel.someUploaded(formats.count(completed), total)
}

function failedNames({ failed, failedNames: names }: Toast, messages: Messages): string {
  const shown = messages.formats.list(names.map((name) => shortName(name) || messages.unnamedFile))
  return failed > names.length ? `${shown} ${messages.andMore(failed - names.length)}` : shown
}
