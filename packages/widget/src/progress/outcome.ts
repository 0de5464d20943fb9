import type { UploadItem } from '@upload-panel/core'
import { SUPERSEDED, type SyncStatusUpdate } from '@upload-panel/core/protocol'
import type { UploadProgressEventMap } from './progress-events.js'

/** How something stands, as far as events are told of it. */
export type Outcome = 'running' | 'completed' | 'failed' | 'cancelled'

export function outcomeOf({ status, error }: SyncStatusUpdate): Outcome {
  // A new attempt took its place: nothing that anybody has to care about.
  if (status === 'failed' && error?.code === SUPERSEDED) return 'cancelled'
  return status === 'pending' || status === 'in_progress' ? 'running' : status
}

export function outcomeOfItem({ phase }: UploadItem): Outcome {
  return phase === 'completed' || phase === 'failed' || phase === 'cancelled' ? phase : 'running'
}

/** What is to be told of a change; nothing where there is none, or where it goes on. */
export function newsOf(before: Outcome | undefined, after: Outcome): keyof UploadProgressEventMap | undefined {
  if (before === after || after === 'running') return undefined
  return before === 'completed' && after === 'failed' ? 'progress-revoked' : `progress-${after}`
}
