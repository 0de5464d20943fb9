import { isRecord, isTerminal } from '@upload-panel/core/protocol'
import { amend, type Amendment } from '../manager/operations.js'
import { percent } from '../manager/percent.js'
import type { OperationRecord } from '../records/operation-records.js'
import type { WebhookEvent } from './webhook.js'

/** Said only while something goes on. */
const NOT_RUNNING = { stage: undefined, error: undefined } as const

/**
 * What an operation becomes by the word of another server, or `undefined` where that changes nothing. Webhooks come late, twice and in any order:
 * an end absorbs what was sent before it, and only what says so takes one back.
 */
export function hear(
  record: OperationRecord,
  event: Exclude<WebhookEvent, { readonly kind: 'stored-bytes' }>,
): OperationRecord | undefined {
  const amendment = amendmentBy(record, event)
  if (amendment === undefined) return undefined
  const bytes = bytesAfter(event)
  return amend(record, amendment, bytes && { bytes })
}

function amendmentBy(
  { word, upload }: OperationRecord,
  event: Exclude<WebhookEvent, { readonly kind: 'stored-bytes' }>,
): Amendment | undefined {
  const hasEnded = isTerminal(word.status)
  switch (event.kind) {
    case 'progress': {
      // An upload that waits for its bytes here would not be completed any more if it were called under way.
      const isWaiting = upload?.bytes === 'expected' && event.hasBytes !== true
      if (hasEnded || isWaiting) return undefined
      const { progress, stage, message, processedItems, failedItems, result } = event
      return {
        status: 'in_progress',
        progress: Math.max(word.progress, percent(progress ?? 0)),
        ...(stage !== undefined && { stage }),
        ...(message !== undefined && { message }),
        ...(processedItems !== undefined && { processed_items: processedItems }),
        ...(failedItems !== undefined && { failed_items: failedItems }),
        ...(result !== undefined && { result }),
      }
    }
    case 'completed': {
      const isTakenBack = word.status === 'failed' && event.recoversFrom !== undefined && word.error?.code === event.recoversFrom
      const isMore = word.status === 'completed' && event.adds === true && addsTo(word.result, event.result)
      if (hasEnded && !isTakenBack && !isMore) return undefined
      const result = event.adds === true ? merged(word.result, event.result) : event.result
      return { ...NOT_RUNNING, status: 'completed', progress: 100, message: event.message, result }
    }
    case 'failed': {
      const { error } = event
      const isOver = hasEnded && !(event.revokes === true && word.status === 'completed')
      return isOver ? undefined : { ...NOT_RUNNING, status: 'failed', result: undefined, message: error.message, error }
    }
    case 'cancelled':
      return hasEnded ? undefined : { ...NOT_RUNNING, status: 'cancelled', result: undefined, message: event.message }
    case 'reopened':
      if (!hasEnded) return undefined
      return { ...NOT_RUNNING, status: 'in_progress', progress: 0, result: undefined, message: event.message }
  }
}

function bytesAfter(event: WebhookEvent): 'stored' | undefined {
  return 'hasBytes' in event && event.hasBytes === true ? 'stored' : undefined
}

function merged(known: unknown, more: unknown): unknown {
  return isRecord(known) && isRecord(more) ? { ...known, ...more } : (more ?? known)
}

function addsTo(known: unknown, more: unknown): boolean {
  return JSON.stringify(merged(known, more)) !== JSON.stringify(known)
}
