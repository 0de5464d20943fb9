import { type JobCounts, type JobSummary, summariseJob, SUPERSEDED, type SyncStatusUpdate } from '../protocol/index.js'

/** How a job stands, counted by its operations' words; by the server's own count as long as not all of them are known. */
export interface JobCount {
  take(update: SyncStatusUpdate): void
  /** What the server counted, if it did. `isLast`: all operations of the job have been told. */
  told(summary: JobSummary | undefined, isLast: boolean): void
  /** `undefined` as long as nothing is known. */
  read(): JobSummary | undefined
}

/** Most operations of one job that are counted here. */
const MOST = 100_000

export function createJobCount(): JobCount {
  const shares = new Map<string, keyof JobCounts | 'superseded'>()
  const counts = { pending: 0, in_progress: 0, completed: 0, failed: 0, cancelled: 0, superseded: 0 }
  let server: JobSummary | undefined
  let isWhole = false

  return {
    take({ operation_id: id, status, error }) {
      const before = shares.get(id)
      const after = error?.code === SUPERSEDED ? 'superseded' : status
      if (before === undefined && shares.size === MOST) return
      if (before !== undefined) counts[before] -= 1
      counts[after] += 1
      shares.set(id, after)
    },
    told(summary, isLast) {
      server = summary
      isWhole ||= isLast
    },
    read() {
      if (server !== undefined && (!isWhole || server.totalCount > MOST)) return server
      return isWhole || shares.size > 0 ? summariseJob(counts) : undefined
    },
  }
}
