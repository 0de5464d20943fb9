/** Copies a text. Answers `false` where the browser does not let it: not a secure context, not allowed in a frame, no gesture. */
export async function copyText(text: string, from: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return selectText(from) && copySelection()
  }
}

/** Selected, it can at least be copied by hand. */
function selectText(element: HTMLElement): boolean {
  const selection = getSelection()
  if (!selection) return false
  selection.selectAllChildren(element)
  return true
}

function copySelection(): boolean {
  try {
    // The old way, and the only one on a page without TLS.
    return document.execCommand('copy')
  } catch {
    return false
  }
}
