/** Attributes by their names. */
export type Attributes = Readonly<Record<string, string>>

/**
 * An element as a page would have it: with its attributes and properties, in a box that a class of the page's style sheet may shape.
 * @param around of the box: direction, language, class
 */
export function renderElement<N extends keyof HTMLElementTagNameMap>(
  name: N,
  {
    attributes = {},
    around = {},
    give,
  }: { attributes?: Attributes; around?: Attributes; give?: (element: HTMLElementTagNameMap[N]) => void },
): HTMLElement {
  const element = document.createElement(name)
  setAttributes(element, attributes)
  give?.(element)
  const box = document.createElement('div')
  setAttributes(box, around)
  box.append(element)
  return box
}

function setAttributes(element: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
}

/** The element of a story that is played. */
export function elementIn<N extends keyof HTMLElementTagNameMap>(
  canvas: HTMLElement,
  name: N,
): HTMLElementTagNameMap[N] & { shadowRoot: ShadowRoot } {
  const element = canvas.querySelector(name)
  if (!hasShadow(element)) throw new Error(`The story shows no <${name}>.`)
  return element
}

function hasShadow<E extends Element>(element: E | null): element is E & { shadowRoot: ShadowRoot } {
  return element?.shadowRoot != null
}

/** What a selector finds in a shadow tree. */
export function within(root: ParentNode, selector: string): HTMLElement {
  const found = root.querySelector<HTMLElement>(selector)
  if (!found) throw new Error(`There is no ${selector}.`)
  return found
}

/** The text beside disabled controls belongs to them, which axe cannot know: WCAG asks no contrast of it (1.4.3). */
export const DISABLED_MAY_BE_PALE = { config: { rules: [{ id: 'color-contrast', enabled: false }] } }
