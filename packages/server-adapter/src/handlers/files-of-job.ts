import { Refusal } from '../errors.js'
import type { OperationRecords } from '../records/operation-records.js'

/** Refuses files above what one job may have (422). */
export type CountFiles = (subject: string, jobId: string, files: number) => Promise<void>

/** Jobs whose files are remembered. */
const MOST_JOBS = 1000

/**
 * Counts what a job is sent, and looks how much it really has only where that would be too much: to count a hundred thousand rows with each call that adds
 * a hundred would cost more than all else.
 */
export function createCountFiles(records: Pick<OperationRecords, 'countJob'>, most: number): CountFiles {
  /** Of each job no less than it has, as far as this process knows. */
  const known = new Map<string, number>()

  async function countOf(subject: string, jobId: string): Promise<number> {
    const counts = await records.countJob(subject, jobId)
    return Object.values(counts).reduce((sum, count) => sum + count, 0)
  }

  return async (subject, jobId, files) => {
    let count = (known.get(jobId) ?? (await countOf(subject, jobId))) + files
    if (count > most) count = (await countOf(subject, jobId)) + files
    if (count > most) throw new Refusal(422, 'job_full', `A job may have ${most} files.`)
    known.set(jobId, count)
    const [oldest] = known.keys()
    if (known.size > MOST_JOBS && oldest !== undefined) known.delete(oldest)
  }
}
