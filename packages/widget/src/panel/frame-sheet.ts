import type { Spot } from './frame-geometry.js'

/** Where one panel stands, as a style sheet of its own: the element's `style` attribute belongs to the page. */
export interface FrameSheet {
  /** Lets the panel stand at a spot. One that the person has chosen wins over the page's own style sheets. */
  stand(spot: Spot, how: { readonly isMoved: boolean; readonly isRtl: boolean }): void
  /** Shows it so far from there, CSS pixels. */
  shift(x: number, y: number): void
  /** WebKit does not lay out what only moves within the top layer. It does where a transform comes or goes, though it be none. */
  relayout(): void
  /** Height of what covers the window from below, CSS pixels. */
  setKeyboard(height: number): void
  /** From now on it opens and closes with a movement. */
  animate(): void
  /** It floats over the page's own style sheets, too. */
  hold(): void
  /** It stands where the page has put it. */
  clear(): void
}

/** Its height is the panel's own: whether it is shown at all, and so how its inside is laid out, stays the page's. */
const HELD = `:host(:not([placement='inline'])){position:fixed!important;z-index:var(--upload-panel-z-index,1000)!important;inline-size:var(--_width)!important}.panel{max-block-size:min(var(--upload-panel-max-height,600px),100dvh - 32px)}`

export function createFrameSheet(host: { readonly renderRoot: HTMLElement | DocumentFragment }): FrameSheet {
  const declarations = new Map<string, string>()
  let sheet: CSSStyleSheet | undefined
  let isHeld = false

  /** The whole text each time: WebKit does not see a rule that changes in an adopted sheet. */
  const write = (changes: Readonly<Record<string, string>>) => {
    for (const [name, value] of Object.entries(changes)) declarations.set(name, value)
    const { renderRoot } = host
    if (!(renderRoot instanceof ShadowRoot)) return
    // In another document, which drops the sheets of the first, there is none any more.
    if (!sheet || !renderRoot.adoptedStyleSheets.includes(sheet)) sheet = adopt(renderRoot)
    const text = Array.from(declarations, ([name, value]) => `${name}:${value}`).join(';')
    // As strong as the rule that it speaks over.
    sheet.replaceSync(`:host(:not([placement='inline'])){${text}}${isHeld ? HELD : ''}`)
  }

  return {
    stand({ corner, offset }, { isMoved, isRtl }) {
      const isTop = corner.startsWith('top')
      const isStart = corner.endsWith('start')
      const priority = isMoved || isHeld ? '!important' : ''
      write({
        '--_at-inline': offset ? `${offset.inline}px` : 'var(--_inset-inline)',
        '--_at-block': offset ? `${offset.block}px` : 'var(--_inset-block)',
        'inset-inline': `${isStart ? 'var(--_from-side) auto' : 'auto var(--_from-side)'}${priority}`,
        'inset-block': `${isTop ? 'var(--_from-edge) auto' : 'auto calc(var(--_from-edge) + var(--_keyboard))'}${priority}`,
        // Transforms know left and right only.
        '--_origin': `${isStart === isRtl ? 'right' : 'left'} ${isTop ? 'top' : 'bottom'}`,
      })
    },
    shift(x, y) {
      write({ translate: x === 0 && y === 0 ? 'none' : `${x}px ${y}px` })
    },
    relayout() {
      write({ translate: declarations.get('translate') === '0px' ? 'none' : '0px' })
    },
    setKeyboard(height) {
      write({ '--_keyboard': `${height}px` })
    },
    animate() {
      write({ '--_motion': '200ms' })
    },
    hold() {
      isHeld = true
    },
    clear() {
      isHeld = false
      declarations.clear()
      sheet?.replaceSync('')
    },
  }
}

function adopt(root: ShadowRoot): CSSStyleSheet {
  const sheet = new (root.ownerDocument.defaultView ?? globalThis).CSSStyleSheet()
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet]
  return sheet
}
