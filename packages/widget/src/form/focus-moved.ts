/** A control of a form, as far as it can be asked. */
interface Control extends HTMLElement {
  readonly form: HTMLFormElement | null
}

/** Calls back where, before this task is over, focus has come to a control, or to another one of its form that is not valid. */
export function onFocusMoved(control: Control, callback: () => void): void {
  const focused = () => {
    const root = control.getRootNode()
    const element = root instanceof Document || root instanceof ShadowRoot ? root.activeElement : null
    return { element, inside: control.shadowRoot?.activeElement }
  }
  const before = focused()
  setTimeout(() => {
    const { element, inside } = focused()
    if (element === null || (element === before.element && inside === before.inside)) return
    const isInForm = Array.from(control.form?.elements ?? []).includes(element)
    if (element === control || (isInForm && element.matches(':invalid'))) callback()
  })
}
