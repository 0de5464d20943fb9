import { internalsOf } from './element-internals.js'

/** Turns `:state(name)` of an element on or off. An engine that knows no such states goes without: they are for looks alone. */
export function setState(element: HTMLElement, name: string, isOn: boolean): void {
  try {
    const { states } = internalsOf(element)
    if (isOn) states.add(name)
    else states.delete(name)
  } catch {
    // No `states`, or one of the years in which each name had to begin with two dashes.
  }
}
