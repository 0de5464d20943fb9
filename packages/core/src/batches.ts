import type { UploadItem } from './item/item.js'
import { isUnfinished } from './item/machine.js'
import type { Batch, Commit, UploadStore } from './store/upload-store.js'

/** Tells when every item of one `add` call has ended; again, should one of them be retried and end once more. The returned function makes a batch. */
export function trackBatches(store: UploadStore, onCompleted: (items: readonly UploadItem[]) => void): (ids: readonly string[]) => Batch {
  const onCommit = ({ id, before, after, batch }: Commit): void => {
    if (batch === undefined || before === undefined || batch.left.has(id)) return
    const isElsewhere = after?.mirrored === true
    if (after === undefined || isElsewhere) batch.left.add(id)
    const change = Number(after !== undefined && !isElsewhere && isUnfinished(after)) - Number(isUnfinished(before))
    batch.unfinished += change
    // What another tab goes on with has not ended, and the rest of its batch may be about to follow it.
    if (change < 0 && !isElsewhere && batch.unfinished === 0 && batch.left.size < batch.ids.length) {
      onCompleted(batch.ids.flatMap((one) => (batch.left.has(one) ? [] : (store.get(one) ?? []))))
    }
  }
  store.onCommit(onCommit, () => {})

  return (ids) => ({ ids, left: new Set(), unfinished: ids.length })
}
