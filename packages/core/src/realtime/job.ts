import type { UploadItem } from '../item/item.js'
import { isUnfinished } from '../item/machine.js'

/** A batch on the server, and how far it is known here. */
export interface Job {
  readonly id: string
  /** Items of it; those whose operation is known; and those of which more is to come. */
  items: number
  known: number
  unconfirmed: number
  /** The place in the order of changes up to which they were fetched. */
  cursor: string | undefined
  isFetchWanted: boolean
  /** What was fetched so far was not taken. */
  isFromStart: boolean
  /** It is of an earlier page, and its operations did not yet become items. */
  needsRestore: boolean
  isSubscribed: boolean
  unsubscribe(): void
}

export function newJob(id: string): Job {
  return {
    id,
    items: 0,
    known: 0,
    unconfirmed: 0,
    cursor: undefined,
    isFetchWanted: false,
    isFromStart: false,
    needsRestore: false,
    isSubscribed: false,
    unsubscribe() {},
  }
}

/** Takes an item into its job, or out of it. */
export function countIn(job: Job, item: UploadItem, sign: 1 | -1): void {
  job.items += sign
  if (item.operationId === undefined) return
  job.known += sign
  if (isUnfinished(item)) job.unconfirmed += sign
}

/** Whether there is anything of it that may have changed on the server. */
export function hasNews({ needsRestore, known }: Job): boolean {
  return needsRestore || known > 0
}
