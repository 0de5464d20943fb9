import type { Validator } from './hooks.js'

/** Bytes compared at a time. */
const SLICE = 2 ** 20

/**
 * A validator that refuses a file whose content is in the queue already, whatever its name. Compares bytes, and only of files of the same size;
 * it stops at the first difference. Empty files are all welcome.
 *
 * @example
 * createUploader({ restrictions: { validate: uniqueContent() }, … })
 */
export function uniqueContent({ message = 'This file is in the list already.' }: { readonly message?: string } = {}): Validator {
  const idsBySize = new Map<number, Set<string>>()

  return async (file, { item, file: fileOf, signal }) => {
    if (file.size === 0) return null
    const ids = idsBySize.get(file.size) ?? new Set()
    idsBySize.set(file.size, ids)
    const others = [...ids]
    // In the list before anything is awaited: of two that are checked at once the second one sees the first.
    ids.add(item.id)
    for (const id of others) {
      const other = fileOf(id)
      // Uploaded, or removed.
      if (other === undefined) ids.delete(id)
      else if (id !== item.id && (await isSame(file, other, signal))) {
        ids.delete(item.id)
        return message
      }
    }
    return null
  }
}

async function isSame(a: Blob, b: Blob, signal: AbortSignal): Promise<boolean> {
  for (let start = 0; start < a.size; start += SLICE) {
    signal.throwIfAborted()
    const [left, right] = await Promise.all([a, b].map((blob) => blob.slice(start, start + SLICE).arrayBuffer()))
    if (left === undefined || right === undefined || !areEqual(new Uint8Array(left), new Uint8Array(right))) return false
  }
  return true
}

function areEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index])
}
