import { isId, type JobAnswer, MAX_SNAPSHOT_PAGE, summariseJob } from '@upload-panel/core/protocol'
import { Refusal } from '../errors.js'
import type { Rooms, Route } from './rooms.js'

/** `GET /queries/upload-jobs/{job_id}` */
export function jobRoute({ access, records, manager }: Rooms): Route {
  return async ({ request, id, query }): Promise<JobAnswer> => {
    const subject = await access.subject(request, 'read-job')
    if (!isId(id) || (await records.jobOwner(id)) !== subject) throw new Refusal(404, 'unknown_job', 'There is no such job.')
    const counts = await records.countJob(subject, id)
    const cursor = query.get('cursor')
    const selection = { jobIds: [id], operationIds: [] }
    const page = await manager.snapshot({ subject, selection, limit: MAX_SNAPSHOT_PAGE, ...(cursor !== null && { cursor }) })
    return { job_id: id, ...summariseJob(counts), ...page }
  }
}
