/** Whether a drag or a paste carries files. Which ones is a secret until it is let go. */
export function hasFiles(transfer: DataTransfer | null): transfer is DataTransfer {
  return transfer !== null && Array.from(transfer.types).includes('Files')
}

const TEXTLESS_INPUTS = ['button', 'checkbox', 'color', 'file', 'image', 'radio', 'range', 'reset', 'submit'].map(
  (type) => `[type=${type}]`,
)
const TEXT_FIELD = `textarea, input:not(${TEXTLESS_INPUTS.join()})`

/**
 * Whether a paste is meant for the text field that it goes to. A picture copied from a document comes with its text, and a field takes that;
 * an editor of rich text may take pictures as well.
 */
export function isPasteIntoText(event: ClipboardEvent): boolean {
  const [target] = event.composedPath()
  if (!(target instanceof HTMLElement)) return false
  if (target.isContentEditable) return true
  return target.matches(TEXT_FIELD) && Array.from(event.clipboardData?.types ?? []).some((type) => type.startsWith('text/'))
}

/** A file input of the page takes what is dropped on it by itself. */
export function isOverFileInput(event: DragEvent): boolean {
  const [target] = event.composedPath()
  return target instanceof HTMLInputElement && target.type === 'file' && !target.disabled
}

/** What the cursor says. A source that only lets its files be moved, such as a browser's own list of downloads, drops nothing that is to be copied. */
export function effectFor({ effectAllowed }: DataTransfer): 'move' | 'copy' {
  return effectAllowed === 'move' || effectAllowed === 'linkMove' ? 'move' : 'copy'
}

/**
 * Whether the pointer is still inside an area that a drag has left: crossing what lies in it leaves as well. Engines disagree about `relatedTarget` in
 * shadow trees, but not about where the pointer is.
 */
export function isInside(
  { clientX, clientY }: Pick<MouseEvent, 'clientX' | 'clientY'>,
  { left, top, right, bottom }: Pick<DOMRect, 'left' | 'top' | 'right' | 'bottom'>,
): boolean {
  return clientX > left && clientX < right && clientY > top && clientY < bottom
}
