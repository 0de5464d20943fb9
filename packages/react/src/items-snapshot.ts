import type { Uploader, UploadItem } from '@upload-panel/core'

export const NO_ITEMS: readonly UploadItem[] = Object.freeze([])

/** Reads all items in queue order: the same array for as long as its items are the same. */
export function createItemsSnapshot(uploader: Uploader): () => readonly UploadItem[] {
  let ids: unknown
  let summary: unknown
  let items = NO_ITEMS
  return () => {
    // The ids change with what comes, goes or moves, and the summary is a new object after any change of any item: no need to look at each.
    if (uploader.$ids.get() === ids && uploader.$summary.get() === summary) return items
    ids = uploader.$ids.get()
    summary = uploader.$summary.get()
    const now = uploader.items()
    if (!hasSameItems(items, now)) items = now
    return items
  }
}

/** Calls back at most once a frame for each of order and content, however many items changed. The returned function unsubscribes. */
export function listenToItems(uploader: Uploader, onChange: () => void): () => void {
  const stops = [uploader.$ids.listen(onChange), uploader.$summary.listen(onChange)]
  return () => {
    for (const stop of stops) stop()
  }
}

/** Whether both hold the same objects in the same order. */
export function hasSameItems(a: readonly UploadItem[], b: readonly UploadItem[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index])
}
