import type { ReactiveControllerHost } from 'lit'
import type { Spot } from './frame-geometry.js'

/** Where one panel stands, as a style sheet of its own: the element's `style` attribute belongs to the page. */
export interface FrameSheet {
  /** Lets the panel stand at a spot. One that the person has chosen wins over the page's own style sheets. */
  stand(spot: Spot, how: { readonly isMoved: boolean; readonly isRtl: boolean }): void
  /** Shows it so far from there, CSS pixels. */
  shift(x: number, y: number): void
  /** Height of what covers the window from below, CSS pixels. */
  setKeyboard(height: number): void
  /** From now on it opens and closes with a movement. */
  animate(): void
  /** It stands where the page has put it. */
  clear(): void
}

export function createFrameSheet(host: ReactiveControllerHost & { readonly renderRoot: HTMLElement | DocumentFragment }): FrameSheet {
  let style: CSSStyleDeclaration | undefined

  /** Made when it is needed: an inline panel has none. */
  const rule = () => {
    if (style) return style
    const sheet = new CSSStyleSheet()
    // As strong as the rule that it speaks over.
    sheet.replaceSync(":host(:not([placement='inline'])){}")
    const [first] = sheet.cssRules
    if (first instanceof CSSStyleRule) ({ style } = first)
    if (host.renderRoot instanceof ShadowRoot) host.renderRoot.adoptedStyleSheets = [...host.renderRoot.adoptedStyleSheets, sheet]
    return style
  }
  const set = (name: string, value: string, priority = '') => rule()?.setProperty(name, value, priority)

  return {
    stand({ corner, offset }, { isMoved, isRtl }) {
      const isTop = corner.startsWith('top')
      const isStart = corner.endsWith('start')
      const priority = isMoved ? 'important' : ''
      set('--_at-inline', offset ? `${offset.inline}px` : 'var(--_inset-inline)')
      set('--_at-block', offset ? `${offset.block}px` : 'var(--_inset-block)')
      set('inset-inline', isStart ? 'var(--_from-side) auto' : 'auto var(--_from-side)', priority)
      set('inset-block', isTop ? 'var(--_from-edge) auto' : 'auto calc(var(--_from-edge) + var(--_keyboard))', priority)
      // Transforms know left and right only.
      set('--_origin', `${isStart === isRtl ? 'right' : 'left'} ${isTop ? 'top' : 'bottom'}`)
    },
    shift(x, y) {
      if (x === 0 && y === 0) style?.removeProperty('translate')
      else set('translate', `${x}px ${y}px`, 'important')
    },
    setKeyboard(height) {
      set('--_keyboard', `${height}px`)
    },
    animate() {
      set('--_motion', '200ms')
    },
    clear() {
      if (style) style.cssText = ''
    },
  }
}
