import type { JobAnswer, JobStatus } from './jobs.js'
import type { OperationStatus } from './sync-status-update.js'

/** How many operations of a job stand where. Those that a newer attempt superseded do not count. */
export type JobCounts = Readonly<Record<OperationStatus, number>>

/** How a job stands as a whole. */
export type JobSummary = Pick<JobAnswer, 'status' | 'totalCount' | 'completedCount' | 'failedCount' | 'partial'>

/** "QUEUED (nothing started), IN_PROGRESS (anything unfinished), COMPLETED (all ended, at least one completed), FAILED (all ended, none completed)." */
export function summariseJob({ pending, in_progress, completed, failed, cancelled }: JobCounts): JobSummary {
  const ended = completed + failed + cancelled
  const unfinished = pending + in_progress
  const status = ((): JobStatus => {
    if (in_progress + ended === 0) return 'QUEUED'
    if (unfinished > 0) return 'IN_PROGRESS'
    return completed > 0 ? 'COMPLETED' : 'FAILED'
  })()
  return {
    status,
    totalCount: unfinished + ended,
    completedCount: completed,
    failedCount: failed,
    partial: status === 'COMPLETED' && ended > completed,
  }
}
