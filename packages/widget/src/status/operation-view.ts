import { isTerminal, SUPERSEDED, type SyncStatusUpdate } from '@upload-panel/core/protocol'
import type { BarView, Tone } from '../list/item-view.js'
import type { Messages } from '../messages/messages.js'
import { displayName } from '../text/file-name.js'
import { line, sentence, stageWords } from '../text/server-words.js'

/** An operation of the server in words and figures. Text only: nothing here is markup. */
export interface OperationView {
  readonly id: string
  /** Of its file, else what it does. */
  readonly name: string
  /** What it does, where the name does not say so. */
  readonly type: string | undefined
  readonly tone: Tone
  readonly badge: string
  /** Stage, message, items. */
  readonly details: readonly string[]
  readonly percent: string | undefined
  readonly bar: BarView | undefined
  readonly isEnded: boolean
  readonly problem: string | undefined
}

/** How an operation is told, in the words of a catalogue. Pure. */
export function viewOperation(update: SyncStatusUpdate, messages: Messages): OperationView {
  const { operation_id: id, operation_type: type, status, file, stage, message, error } = update
  const { formats, badge, locale } = messages
  const typeWord = messages.status.type[type]
  const fileName = file === undefined ? '' : displayName(file.name)
  const isEnded = isTerminal(status)
  const base = {
    id,
    name: fileName || typeWord,
    type: fileName === '' ? undefined : typeWord,
    details: [isEnded ? '' : stageWords(stage, locale), status === 'failed' ? '' : line(message ?? ''), ...items(update, messages)].filter(
      Boolean,
    ),
    isEnded,
    problem: undefined,
  }
  switch (status) {
    case 'pending':
      return { ...base, tone: 'neutral', badge: badge.queued, percent: undefined, bar: bar(0) }
    case 'in_progress': {
      // None yet, or zero, says only that the server is at work.
      const fraction = update.progress > 0 ? update.progress / 100 : undefined
      return {
        ...base,
        tone: 'active',
        badge: badge.processing,
        percent: fraction === undefined ? undefined : formats.percent(fraction),
        bar: bar(fraction),
      }
    }
    case 'completed':
      return { ...base, tone: 'success', badge: badge.completed, percent: formats.percent(1), bar: bar(1) }
    case 'failed': {
      // What a new attempt has replaced is no failure that anybody has to care about.
      if (error?.code === SUPERSEDED) return { ...base, tone: 'neutral', badge: badge.cancelled, percent: undefined, bar: undefined }
      return {
        ...base,
        tone: 'danger',
        badge: badge.failed,
        percent: undefined,
        bar: bar(1),
        problem: sentence(error?.message || message || ''),
      }
    }
    case 'cancelled':
      return { ...base, tone: 'neutral', badge: badge.cancelled, percent: undefined, bar: undefined }
  }
}

const bar = (fraction: number | undefined): BarView => ({ phase: 'transfer', fraction })

function items(
  { total_items: total, processed_items: done, failed_items: failed }: SyncStatusUpdate,
  messages: Messages,
): readonly string[] {
  const { formats, operation } = messages
  return [
    ...(total === undefined ? [] : [operation.items(formats.count(done ?? 0), formats.count(total))]),
    ...(failed ? [operation.failedItems(failed)] : []),
  ]
}
