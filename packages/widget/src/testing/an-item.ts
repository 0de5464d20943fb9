import type { UploadItem } from '@upload-panel/core'

/** A phase with its fields, and whatever else the test cares about. */
export type ItemChange = Partial<UploadItem> & Pick<UploadItem, 'phase'>

/** An item of 10 MB in the phase that a test is about. */
export function anItem(change: ItemChange): UploadItem {
  const base = {
    id: 'item-1',
    name: 'film.mp4',
    size: 10_000_000,
    type: 'video/mp4',
    addedAt: 0,
    priority: 0,
    metadata: {},
    attempt: 1,
    paused: false,
  }
  return Object.freeze({ ...base, ...change }) as UploadItem
}

/** What the server last said about an item. */
export function serverWord(change: { progress?: number; stage?: string; message?: string } = {}): NonNullable<UploadItem['server']> {
  return { operationId: 'operation-1', status: 'in_progress', progress: 0, seen: { isTerminal: false } as never, ...change }
}
