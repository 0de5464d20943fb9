import { type CSSResultOrNative, LitElement } from 'lit'

/**
 * An element whose styles survive a move into another document, such as that of a frame or of a picture-in-picture window: style sheets belong to
 * the document that made them, and a browser drops the others.
 */
export abstract class StyledElement extends LitElement {
  adoptedCallback(): void {
    if (this.shadowRoot) wear(this.shadowRoot, stylesOf(this))
  }

  protected override createRenderRoot(): HTMLElement | DocumentFragment {
    if (this.ownerDocument === globalThis.document) return super.createRenderRoot()
    const root = this.shadowRoot ?? this.attachShadow({ mode: 'open' })
    wear(root, stylesOf(this))
    return root
  }
}

function stylesOf(element: LitElement): readonly CSSResultOrNative[] {
  return (element.constructor as typeof LitElement).elementStyles
}

/** Sheets of other documents, made once for each. */
const copies = new WeakMap<Document, Map<CSSResultOrNative, CSSStyleSheet>>()

function wear(root: ShadowRoot, styles: readonly CSSResultOrNative[]): void {
  root.adoptedStyleSheets = styles.map((style) => sheetFor(root.ownerDocument, style))
}

function sheetFor(document: Document, style: CSSResultOrNative): CSSStyleSheet {
  const original = style instanceof CSSStyleSheet ? style : style.styleSheet
  const { defaultView } = document
  if (original && (document === globalThis.document || !defaultView)) return original
  const known = copies.get(document) ?? new Map<CSSResultOrNative, CSSStyleSheet>()
  copies.set(document, known)
  const copy = known.get(style) ?? new (defaultView ?? globalThis).CSSStyleSheet()
  if (!known.has(style)) copy.replaceSync('cssText' in style ? style.cssText : '')
  known.set(style, copy)
  return copy
}
