import type { FileHandle } from '../persistence/persistence.js'
import type { AnyPlan } from '../protocol/index.js'
import type { TransferResult } from '../strategies/strategy.js'
import { isDoubtful } from '../strategies/validity.js'

/** What the engine keeps beside an item and no view shows: the file, the signed plan, and what an interrupted run left behind. */
export interface QueueEntry {
  /** Absent for an item of an earlier page, until the file is chosen again; and after completion. */
  file: File | undefined
  /** Where the file was read from, for as long as it is this very one. */
  source: { readonly file: File; readonly handle: FileHandle } | undefined
  /** The times are milliseconds since the epoch. */
  plan: { readonly value: AnyPlan; readonly receivedAt: number; readonly usableUntil: number } | undefined
  /** The strategy's, for the current operation. */
  checkpoint: unknown
  /** Storage has every byte, and this is what it said; only the server's acknowledgement is missing. */
  transfer: TransferResult | undefined
  /** In a row, without a byte of progress between them. */
  failures: number
  /** How often the server said "later" since then. */
  postponed: number
  /** Ends the run that is going on. */
  run: AbortController | undefined
  /** The next plan comes from the server's `retry`: only it knows what is left to do of an operation that ended or that another page began. */
  needsRetry: boolean
  /** The validators have not passed it yet. */
  needsCheck: boolean
  /** It is still the file that was chosen, and not what the `prepare` hook makes of it. */
  needsPrepare: boolean
  /** Ends the hooks that look at it. */
  hooks: AbortController | undefined
}

export function newEntry(file: File | undefined): QueueEntry {
  return {
    file,
    source: undefined,
    plan: undefined,
    checkpoint: undefined,
    transfer: undefined,
    failures: 0,
    postponed: 0,
    run: undefined,
    needsRetry: false,
    needsCheck: false,
    needsPrepare: false,
    hooks: undefined,
  }
}

/** What was learned of an operation does not count for another one. */
export function forgetOperation(entry: QueueEntry): void {
  entry.plan = undefined
  entry.checkpoint = undefined
  entry.transfer = undefined
}

/** It has all its attempts again. */
export function forgetFailures(entry: QueueEntry): void {
  entry.failures = 0
  entry.postponed = 0
}

/** Whether a request by the plan's own URL may have been refused, where all that is known is that the network failed. */
export function isPlanDoubtful({ plan }: QueueEntry, now: number): boolean {
  if (plan?.value.expires_in_s === undefined || plan.usableUntil === Infinity) return false
  return isDoubtful(plan.receivedAt, plan.value.expires_in_s, now)
}

/** Whether the plan can still be begun. */
export function isPlanUsable({ plan }: QueueEntry, now: number): boolean {
  return plan !== undefined && plan.usableUntil > now
}

/** Whether validators have to look at the file first. Without one there is nothing to look at: the item goes on, and is asked for it. */
export function isCheckDue(entry: QueueEntry | undefined): entry is QueueEntry {
  return entry?.needsCheck === true && entry.file !== undefined
}
