const mounted = new Set<HTMLElement>()

/** An element in the document, with attributes as a page would write them. */
export function mountElement<N extends keyof HTMLElementTagNameMap>(
  name: N,
  attributes: Readonly<Record<string, string>>,
): HTMLElementTagNameMap[N] {
  const element = document.createElement(name)
  for (const [attribute, value] of Object.entries(attributes)) element.setAttribute(attribute, value)
  document.body.append(element)
  mounted.add(element)
  return element
}

/** Takes away all that `mountElement` has made. */
export function unmountElements(): void {
  for (const element of mounted) element.remove()
  mounted.clear()
}
