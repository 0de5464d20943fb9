import type { Direction } from '../text/direction.js'

/** What the page says about the language of an element. */
export interface LanguageContext {
  /** The `lang` of the element, or of the nearest ancestor that has one; empty where none has. */
  readonly lang: string
  /** The direction that the element inherits. */
  readonly direction: Direction
  /** Whether the direction was said for this language: at the same element as `lang`, or nearer. */
  readonly isDirectionSaid: boolean
}

/** An element and all around it, from the inside to the outside, out of every shadow tree. */
export function selfAndAncestors(element: Element): readonly Element[] {
  const chain: Element[] = []
  for (let next: Element | null = element; next; next = next.parentElement ?? hostOf(next)) chain.push(next)
  return chain
}

function hostOf(element: Element): Element | null {
  const parent = element.parentNode
  // By its shape: an element that was adopted into another document meets the classes of that one's window.
  return parent !== null && 'host' in parent && parent.nodeType === Node.DOCUMENT_FRAGMENT_NODE ? (parent as ShadowRoot).host : null
}

/**
 * @param chain as `selfAndAncestors` gives it
 * @param ownDirection of the first of them, without what was set for it
 */
export function readLanguageContext(chain: readonly Element[], ownDirection: string): LanguageContext {
  const language = chain.findIndex((element) => element.hasAttribute('lang'))
  const directions = chain.map((element, index) => (index === 0 ? ownDirection : element.getAttribute('dir')?.toLowerCase()))
  const said = directions.findIndex((direction) => direction === 'ltr' || direction === 'rtl')
  return {
    lang: chain[language]?.getAttribute('lang') ?? '',
    direction: directions[said] === 'rtl' ? 'rtl' : 'ltr',
    isDirectionSaid: said >= 0 && (language < 0 || said <= language),
  }
}
