import { isRecord, isTerminal } from '@upload-panel/core/protocol'
import { amend, type Amendment } from '../manager/operations.js'
import { percent } from '../manager/percent.js'
import type { OperationRecord } from '../records/operation-records.js'
import type { WebhookEvent } from './webhook.js'

/** Said only while something goes on. */
const NOT_RUNNING = { stage: undefined, error: undefined } as const

/** What one server can say to another of an operation. */
export type SpokenEvent = Exclude<WebhookEvent, { readonly kind: 'stored-bytes' }>

/** The fields that an event brings, to be checked before they are kept. */
export function saidBy(event: SpokenEvent): Amendment {
  switch (event.kind) {
    case 'progress': {
      const { progress, stage, message, processedItems, failedItems, result } = event
      return {
        progress: percent(progress ?? 0),
        ...(stage !== undefined && { stage }),
        ...(message !== undefined && { message }),
        ...(processedItems !== undefined && { processed_items: processedItems }),
        ...(failedItems !== undefined && { failed_items: failedItems }),
        ...(result !== undefined && { result }),
      }
    }
    case 'completed':
      return { message: event.message, result: event.result }
    case 'failed':
      return { message: event.error.message, error: event.error }
    default:
      return { message: event.message }
  }
}

/**
 * What an operation becomes by the word of another server, or `undefined` where that changes nothing. Webhooks come late, twice and in any order:
 * an end absorbs what was sent before it, and only what says so takes one back.
 */
export function hear(record: OperationRecord, event: SpokenEvent): OperationRecord | undefined {
  const amendment = amendmentBy(record, event)
  if (amendment === undefined) return undefined
  const hasBytes = 'hasBytes' in event && event.hasBytes === true
  return amend(record, amendment, hasBytes ? { bytes: 'stored' } : undefined)
}

function amendmentBy({ word, upload }: OperationRecord, event: SpokenEvent): Amendment | undefined {
  const hasEnded = isTerminal(word.status)
  const said = saidBy(event)
  switch (event.kind) {
    case 'progress': {
      // An upload that waits for its bytes here would not be completed any more if it were called under way.
      const isWaiting = upload?.bytes === 'expected' && event.hasBytes !== true
      if (hasEnded || isWaiting) return undefined
      return { ...said, status: 'in_progress', progress: Math.max(word.progress, said.progress ?? 0) }
    }
    case 'completed': {
      const isTakenBack = word.status === 'failed' && event.recoversFrom !== undefined && word.error?.code === event.recoversFrom
      const isMore = word.status === 'completed' && event.adds === true && addsTo(word.result, event.result)
      if (hasEnded && !isTakenBack && !isMore) return undefined
      const result = event.adds === true ? merged(word.result, event.result) : event.result
      return { ...NOT_RUNNING, ...said, status: 'completed', progress: 100, result }
    }
    case 'failed': {
      const isOver = hasEnded && !(event.revokes === true && word.status === 'completed')
      return isOver ? undefined : { ...NOT_RUNNING, result: undefined, ...said, status: 'failed' }
    }
    case 'cancelled':
      return hasEnded ? undefined : { ...NOT_RUNNING, result: undefined, ...said, status: 'cancelled' }
    case 'reopened':
      return hasEnded ? { ...NOT_RUNNING, result: undefined, ...said, status: 'in_progress', progress: 0 } : undefined
  }
}

function merged(known: unknown, more: unknown): unknown {
  return isRecord(known) && isRecord(more) ? { ...known, ...more } : (more ?? known)
}

function addsTo(known: unknown, more: unknown): boolean {
  return JSON.stringify(merged(known, more)) !== JSON.stringify(known)
}
