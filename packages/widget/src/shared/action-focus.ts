/** Focuses the button of an action, or the last button where there is no such action. */
export function focusAction(buttons: readonly HTMLElement[], action: string | undefined): void {
  const button = buttons.find((candidate) => candidate.dataset.action === action) ?? buttons.at(-1)
  button?.focus({ preventScroll: true })
}

/** The action whose button has focus below a shadow root. */
export function focusedAction(root: ShadowRoot | null): string | undefined {
  const focused = root?.activeElement
  return focused instanceof HTMLElement ? focused.dataset.action : undefined
}
