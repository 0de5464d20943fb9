import type { Decode } from '../decode.js'
import { readDialect, type Statuses } from './fields.js'

/** Statuses of the dialect, in the order in which they follow one another. */
const STATUSES: Statuses = new Map([
  ['QUEUED', { status: 'pending', rank: 0 }],
  ['UPLOADING', { status: 'in_progress', phase: 'transfer', rank: 1 }],
  ['PROCESSING', { status: 'in_progress', rank: 2 }],
  ['COMPLETED', { status: 'completed', rank: 3 }],
  ['FAILED', { status: 'failed', rank: 3 }],
])

/**
 * The dialect of STOMP backends that tell of the files of a job: `{jobId, fileId or photoId, status, progress or progressPercent, message, error}`.
 * The file's id names the operation. @throws Error that says what is wrong
 *
 * @example stomp({ client, decode: jobProgress })
 */
export const jobProgress: Decode = (raw) =>
  readDialect(raw, ({ jobId, fileId, photoId, status, progress, progressPercent, result, error }) => {
    const known = STATUSES.get(typeof status === 'string' ? status.toUpperCase() : status)
    if (known === undefined) throw new Error('status is unknown')
    return { ...known, id: fileId ?? photoId, jobId, progress: progress ?? progressPercent, result, error }
  })
