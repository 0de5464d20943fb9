const attached = new WeakMap<HTMLElement, ElementInternals>()

/** The internals of an element of this package. A browser hands them out once for each element, so whoever needs them asks here. */
export function internalsOf(element: HTMLElement): ElementInternals {
  const internals = attached.get(element) ?? element.attachInternals()
  attached.set(element, internals)
  return internals
}
