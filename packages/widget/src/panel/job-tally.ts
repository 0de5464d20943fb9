import type { UploadItem, Uploader } from '@upload-panel/core'
import { type JobSummary, type OperationStatus, summariseJob } from '@upload-panel/core/protocol'

/** How the uploader's own job stands on the server, as far as its words have come here. */
export interface JobTally {
  /** `undefined` as long as nothing is known of it. */
  read(): JobSummary | undefined
  dispose(): void
}

/**
 * Counted from what happens to the job's files, and so without a connection, a request or a kilobyte of its own. What is taken off the list still
 * counts: the job has it. Files that another page adds to the job later are not known here.
 */
export function createJobTally(uploader: Uploader): JobTally {
  const counts: Record<OperationStatus, number> = { pending: 0, in_progress: 0, completed: 0, failed: 0, cancelled: 0 }
  const isOfJob = ({ jobId }: UploadItem) => jobId === undefined || jobId === uploader.jobId

  const count = (item: UploadItem, sign: 1 | -1) => {
    if (isOfJob(item)) counts[statusOf(item)] += sign
  }
  const add = (items: readonly UploadItem[]) => {
    for (const item of items) count(item, 1)
  }
  const stops: readonly (() => void)[] = [
    uploader.on('added', add),
    uploader.on('changed', (item, before) => {
      if (item.phase === before.phase && item.jobId === before.jobId) return
      count(before, -1)
      count(item, 1)
    }),
    uploader.on('removed', (items) => {
      for (const item of items) {
        // What goes on is cancelled on the server when it is removed here.
        const isEnded = item.phase === 'completed' || item.phase === 'failed'
        if (isEnded || !isOfJob(item)) continue
        counts[statusOf(item)] -= 1
        counts.cancelled += 1
      }
    }),
  ]
  add(uploader.items())

  return {
    read() {
      const job = summariseJob(counts)
      return job.totalCount > 0 ? job : undefined
    },
    dispose() {
      for (const stop of stops) stop()
    },
  }
}

function statusOf({ phase }: UploadItem): OperationStatus {
  switch (phase) {
    case 'queued':
    case 'preparing':
    case 'ready':
      return 'pending'
    case 'uploading':
    case 'waiting':
    case 'processing':
      return 'in_progress'
    default:
      return phase
  }
}
