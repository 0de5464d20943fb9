/** Registers an element unless its name is taken: a page may load this module twice, from a CDN and from a bundle. Does nothing where there is no DOM. */
export function define(name: string, element: CustomElementConstructor): void {
  const registry: CustomElementRegistry | undefined = globalThis.customElements
  if (registry && !registry.get(name)) registry.define(name, element)
}
