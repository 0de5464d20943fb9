import type { ReactiveController, ReactiveElement } from 'lit'

/**
 * Keeps the keyboard's place: when an update removes the element that had focus, the fallback gets it.
 * Without that a browser sends focus back to the top of the page.
 */
export function focusKeeper(
  host: ReactiveElement & { readonly renderRoot: HTMLElement | DocumentFragment },
  fallback: () => HTMLElement | null | undefined,
): void {
  let focused: Element | null = null
  const keeper: ReactiveController = {
    hostUpdate() {
      focused = host.shadowRoot?.activeElement ?? null
    },
    hostUpdated() {
      if (focused && !focused.isConnected && host.isConnected && !host.shadowRoot?.activeElement) fallback()?.focus({ preventScroll: true })
      focused = null
    },
  }
  host.addController(keeper)
}
