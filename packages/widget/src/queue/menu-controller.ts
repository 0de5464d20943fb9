import { html, nothing, type ReactiveControllerHost, type TemplateResult } from 'lit'
import { placeMenu } from './queue-menu.js'

export interface MenuControllerOptions {
  readonly menu: () => HTMLElement | null
  /** Closed by the keyboard or by a choice: focus is to be where it was. */
  readonly onFocusDue: () => void
}

/** One menu for all rows, in the browser's top layer: it opens beside the button of the row that asks for it. */
export interface MenuController {
  /** The file whose menu is open. */
  readonly openFor: string | undefined
  open(id: string, anchor: HTMLElement): void
  close(): void
  /** The list was scrolled: a menu whose row has gone elsewhere closes. */
  readonly onScroll: () => void
  /** `entries` of the file whose menu is open. */
  render(label: string, lang: string, entries: TemplateResult | undefined): TemplateResult
}

export function menuController(host: ReactiveControllerHost & HTMLElement, { menu, onFocusDue }: MenuControllerOptions): MenuController {
  let openFor: string | undefined
  let anchor: HTMLElement | undefined
  /** Where the anchor was when the menu opened. */
  let anchorTop = 0
  let listening: AbortController | undefined

  const entries = () => Array.from(menu()?.querySelectorAll('button') ?? [])
  const hasFocus = () => menu()?.matches(':focus-within') === true

  function focus(index: number): void {
    const all = entries()
    all[(index + all.length) % all.length]?.focus({ preventScroll: true })
  }

  function place(): void {
    const element = menu()
    const view = host.ownerDocument.documentElement
    if (!element || !anchor) return
    const { width, height } = element.getBoundingClientRect()
    const size = { width: view.clientWidth, height: view.clientHeight }
    const { left, top } = placeMenu(anchor.getBoundingClientRect(), { width, height }, size, host.matches(':dir(rtl)'))
    element.style.left = `${left}px`
    element.style.top = `${top}px`
  }

  function onKeydown(event: KeyboardEvent): void {
    const index = entries().findIndex((entry) => entry.matches(':focus'))
    switch (event.key) {
      case 'ArrowDown':
        focus(index + 1)
        break
      case 'ArrowUp':
        focus(index < 0 ? -1 : index - 1)
        break
      case 'Home':
        focus(0)
        break
      case 'End':
        focus(-1)
        break
      case 'Escape':
      case 'Tab':
        close()
        break
      default:
        return
    }
    event.preventDefault()
    event.stopPropagation()
  }

  function close(): void {
    if (openFor === undefined) return
    const isFocusDue = hasFocus()
    listening?.abort()
    openFor = undefined
    if (menu()?.isConnected) menu()?.hidePopover()
    host.requestUpdate()
    if (isFocusDue) onFocusDue()
  }

  /** A press on its own button is that button's affair, which closes it too. */
  function onPress(event: Event): void {
    const path = event.composedPath()
    const element = menu()
    if (element && !path.includes(element) && !(anchor && path.includes(anchor))) close()
  }

  function show(): void {
    const element = menu()
    if (openFor === undefined || !element?.isConnected) return
    element.showPopover()
    place()
    anchorTop = anchor?.getBoundingClientRect().top ?? 0
    focus(entries().findIndex((entry) => entry.ariaDisabled !== 'true'))
    listening = new AbortController()
    const { signal } = listening
    const page = host.ownerDocument.defaultView ?? window
    page.addEventListener('pointerdown', onPress, { signal, capture: true })
    page.addEventListener('resize', close, { signal })
  }

  host.addController({ hostDisconnected: close })

  return {
    get openFor() {
      return openFor
    },
    open(id, by) {
      openFor = id
      anchor = by
      host.requestUpdate()
      void host.updateComplete.then(show)
    },
    close,
    onScroll() {
      if (openFor !== undefined && Math.abs((anchor?.getBoundingClientRect().top ?? 0) - anchorTop) > 1) close()
    },
    render: (label, lang, content) => html`<div
      class="menu"
      part="menu"
      popover="manual"
      role="menu"
      lang=${lang}
      aria-label=${label}
      tabindex="-1"
      @keydown=${onKeydown}
    >
      ${content ?? nothing}
    </div>`,
  }
}
