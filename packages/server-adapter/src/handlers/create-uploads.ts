import { type CreateUploadsAnswer, isId, MAX_FILES_PER_CALL } from '@upload-panel/core/protocol'
import { Refusal } from '../errors.js'
import { createCountFiles } from './files-of-job.js'
import type { StoragePlan } from '../storage/object-storage.js'
import { readJson } from './read-json.js'
import type { Rooms, Route } from './rooms.js'

/** `POST /commands/upload-jobs` */
export function createUploadsRoute(rooms: Rooms): Route {
  const { access, uploads, records, limits } = rooms
  const countFiles = createCountFiles(records, limits.maxFilesPerJob)
  return async ({ request }): Promise<CreateUploadsAnswer<StoragePlan>> => {
    const subject = await access.subject(request, 'create')
    const { job_id, files } = await readJson(request, rooms)
    if (job_id !== undefined && !isId(job_id))
      throw new Refusal(422, 'invalid_job', 'job_id must be 1 to 200 characters without control characters.')
    if (!Array.isArray(files) || files.length === 0 || files.length > MAX_FILES_PER_CALL) {
      throw new Refusal(422, 'invalid_files', `files must be a list of 1 to ${MAX_FILES_PER_CALL} files.`)
    }
    const owner = job_id === undefined ? undefined : await records.jobOwner(job_id)
    if (owner === undefined) access.beginsJob(request, subject)
    if (job_id !== undefined && owner === subject) await countFiles(subject, job_id, files.length)
    return uploads.create(subject, job_id, files)
  }
}
