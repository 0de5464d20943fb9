import type { Validator } from './hooks.js'

/** Bytes compared at a time. */
const SLICE = 2 ** 20
/** Files that were uploaded or removed are let go of when there may be so many of them. */
const MAX_GONE = 100

/**
 * A validator that refuses a file whose content is in the queue already, whatever its name. Compares bytes, and only of files of the same size;
 * it stops at the first difference. Empty files are all welcome.
 *
 * @example
 * createUploader({ restrictions: { validate: uniqueContent() }, … })
 */
export function uniqueContent({ message = 'This file is in the list already.' }: { readonly message?: string } = {}): Validator {
  /** As they were chosen: what a `prepare` hook makes of one is another file. */
  const chosen = new Map<string, File>()
  const idsBySize = new Map<number, Set<string>>()
  let sweepAt = MAX_GONE

  function forget(id: string): void {
    idsBySize.get(chosen.get(id)?.size ?? 0)?.delete(id)
    chosen.delete(id)
  }

  return async (file, { item, file: fileOf, signal }) => {
    forget(item.id)
    if (chosen.size >= sweepAt) {
      for (const id of chosen.keys()) if (fileOf(id) === undefined) forget(id)
      sweepAt = 2 * chosen.size + MAX_GONE
    }
    if (file.size === 0) return null
    const ids = idsBySize.get(file.size) ?? new Set()
    const others = [...ids]
    // In the list before anything is awaited: of two that are checked at once the second one sees the first.
    idsBySize.set(file.size, ids.add(item.id))
    chosen.set(item.id, file)
    for (const id of others) {
      const other = chosen.get(id)
      // Uploaded, or removed.
      if (fileOf(id) === undefined) forget(id)
      else if (other !== undefined && (await isSame(file, other, signal))) {
        forget(item.id)
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
