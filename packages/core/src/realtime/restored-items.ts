import type { UploadItem } from '../item/item.js'
import { restoredItem } from '../item/new-item.js'
import type { SyncStatusUpdate } from '../protocol/index.js'

/** The items that a job of an earlier page was made of. Of several attempts at one file the last one counts. */
export function restoredItems(updates: readonly SyncStatusUpdate[], now: number): readonly UploadItem[] {
  const latest = new Map<string, SyncStatusUpdate>()
  for (const update of updates) {
    const key = update.client_ref ?? update.operation_id
    const other = latest.get(key)
    if (other === undefined || (update.attempt ?? 1) > (other.attempt ?? 1)) latest.set(key, update)
  }
  // A snapshot comes in the order of last changes; a list that is looked at again wants the order in which it was made.
  const place = ({ position = Number.MAX_SAFE_INTEGER }: SyncStatusUpdate) => position
  return [...latest.values()].sort((a, b) => place(a) - place(b)).flatMap((update) => restoredItem(update, now) ?? [])
}
