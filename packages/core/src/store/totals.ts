import type { UploadItem } from '../item/item.js'
import { sentBytes } from '../item/machine.js'
import { hasSameFields } from './same-fields.js'
import type { UploadSummary } from './summary.js'

type Count = 'queued' | 'active' | 'processing' | 'waiting' | 'paused' | 'completed' | 'failed' | 'cancelled'

/** Running totals: each change of an item takes its old share out and puts its new one in. */
export interface Totals {
  /** `before` is absent for a new item, `after` for a removed one. */
  change(before: UploadItem | undefined, after: UploadItem | undefined): void
  /** `swings`: the speed does not tell how long the rest takes. */
  read(held: boolean, measured: number | undefined, swings?: boolean): UploadSummary
}

export function createTotals(): Totals {
  const counts: Record<Count, number> = {
    queued: 0,
    active: 0,
    processing: 0,
    waiting: 0,
    paused: 0,
    completed: 0,
    failed: 0,
    cancelled: 0,
  }
  let last: UploadSummary | undefined
  let total = 0
  let totalBytes = 0
  let sent = 0

  function share(item: UploadItem, sign: 1 | -1): void {
    total += sign
    counts[countOf(item)] += sign
    if (item.phase === 'failed' || item.phase === 'cancelled') return
    totalBytes += sign * item.size
    sent += sign * sentBytes(item)
  }

  return {
    change(before, after) {
      if (before !== undefined) share(before, -1)
      if (after !== undefined) share(after, 1)
    },
    read(held, measured, swings = false) {
      const left = totalBytes - sent
      // What moved a moment ago is no speed once nothing moves.
      const bytesPerSecond = counts.active === 0 ? undefined : measured
      const next: UploadSummary = {
        held,
        total,
        ...counts,
        totalBytes,
        sentBytes: sent,
        fraction: fraction(),
        bytesPerSecond: bytesPerSecond ?? 0,
        secondsLeft: swings || bytesPerSecond === undefined || bytesPerSecond <= 0 || left === 0 ? undefined : left / bytesPerSecond,
      }
      // The same object for the same figures, so that views which compare stay silent.
      if (last === undefined || !hasSameFields(last, next)) last = Object.freeze(next)
      return last
    },
  }

  function fraction(): number {
    if (totalBytes > 0) return sent / totalBytes
    const counted = total - counts.failed - counts.cancelled
    return counted === 0 ? 0 : (counts.processing + counts.completed) / counted
  }
}

function countOf({ phase, paused }: UploadItem): Count {
  // Nothing is paused that moves or has ended.
  if (paused) return 'paused'
  if (phase === 'uploading') return 'active'
  return phase === 'preparing' || phase === 'ready' ? 'queued' : phase
}
