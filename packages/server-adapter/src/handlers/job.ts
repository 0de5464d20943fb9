import { type JobAnswer, type JobStatus, MAX_SNAPSHOT_PAGE } from '@upload-panel/core/protocol'
import { Refusal } from '../errors.js'
import type { JobCounts } from '../records/operation-records.js'
import type { Rooms, Route } from './rooms.js'

/** `GET /queries/upload-jobs/{job_id}` */
export function jobRoute({ access, records, manager }: Rooms): Route {
  return async ({ request, id, query }): Promise<JobAnswer> => {
    const subject = await access.subject(request, 'read-job')
    if ((await records.jobOwner(id)) !== subject) throw new Refusal(404, 'unknown_job', 'There is no such job.')
    const counts = await records.countJob(subject, id)
    const cursor = query.get('cursor')
    const selection = { jobIds: [id], operationIds: [] }
    const page = await manager.snapshot({ subject, selection, limit: MAX_SNAPSHOT_PAGE, ...(cursor !== null && { cursor }) })
    return { job_id: id, ...summarise(counts), ...page }
  }
}

/** "QUEUED (nothing started), IN_PROGRESS (anything unfinished), COMPLETED (all ended, at least one completed), FAILED (all ended, none completed)." */
function summarise(counts: JobCounts): Pick<JobAnswer, 'status' | 'totalCount' | 'completedCount' | 'failedCount' | 'partial'> {
  const { pending, in_progress, completed, failed, cancelled } = counts
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
