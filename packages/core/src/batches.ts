import type { UploadItem } from './item/item.js'
import { isUnfinished } from './item/machine.js'
import type { Commit, UploadStore } from './store/upload-store.js'

/** Tells when every item of one `add` call has ended; again, should one of them be retried and end once more. */
export function trackBatches(store: UploadStore, onCompleted: (items: readonly UploadItem[]) => void): (ids: readonly string[]) => void {
  interface Batch {
    readonly ids: Set<string>
    unfinished: number
  }
  const batches = new Map<string, Batch>()

  store.onCommit(({ id, before, after }: Commit) => {
    const batch = batches.get(id)
    if (batch === undefined || before === undefined) return
    const isElsewhere = after?.mirrored === true
    if (after === undefined || isElsewhere) {
      batches.delete(id)
      batch.ids.delete(id)
    }
    const change = Number(after !== undefined && !isElsewhere && isUnfinished(after)) - Number(isUnfinished(before))
    batch.unfinished += change
    // What another tab goes on with has not ended, and the rest of its batch may be about to follow it.
    if (change < 0 && !isElsewhere && batch.unfinished === 0 && batch.ids.size > 0) {
      onCompleted([...batch.ids].flatMap((one) => store.get(one) ?? []))
    }
  })

  return (ids) => {
    const batch: Batch = { ids: new Set(ids), unfinished: ids.length }
    for (const id of ids) batches.set(id, batch)
  }
}
