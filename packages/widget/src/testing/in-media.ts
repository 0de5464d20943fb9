/**
 * All elements below, through every shadow root, look from now on as where a media feature holds: no engine but Chromium lets a test choose it.
 * The sheets are copied, since WebKit sees no rule that changes in an adopted one.
 */
export function lookAsIn(media: string, root: ParentNode): void {
  for (const { shadowRoot } of root.querySelectorAll('*')) {
    if (!shadowRoot) continue
    shadowRoot.adoptedStyleSheets = shadowRoot.adoptedStyleSheets.map((sheet) => copyFor(media, sheet))
    lookAsIn(media, shadowRoot)
  }
}

function copyFor(media: string, sheet: CSSStyleSheet): CSSStyleSheet {
  const copy = new CSSStyleSheet()
  copy.replaceSync(
    Array.from(sheet.cssRules, ({ cssText }) => cssText)
      .join('\n')
      .replaceAll(media, 'all'),
  )
  return copy
}
