import { badAnswer, readSnapshot, readUpdate } from '../backends/answers.js'
import { createJsonClient } from '../backends/json-client.js'
import type { HeadersOption } from '../http/policy/headers.js'
import type { JobStatus, JobSummary } from '../protocol/index.js'
import type { StatusBackendFactory } from './status-backend.js'

/** Where the server adapter, or an API that speaks its routes, is mounted. */
export interface StatusRoutesOptions {
  /** Relative to the page, or absolute. */
  readonly url: string
  /** Headers for each call, such as `authorization`; asked again once when the server answers 401. */
  readonly headers?: HeadersOption
  /** As in `fetch`. @default 'same-origin' */
  readonly credentials?: RequestCredentials
}

/** The queries of `docs/protocol.md`, and how an upload is cancelled, without all that an upload needs. */
export function statusRoutes(options: StatusRoutesOptions): StatusBackendFactory {
  return ({ environment }) => {
    const client = createJsonClient({ ...options, environment })
    return {
      snapshot: async (request, signal) => readSnapshot(await client.post('queries/operations', request, signal)),
      async job(id, cursor, signal) {
        const query = cursor === undefined ? '' : `?cursor=${encodeURIComponent(cursor)}`
        const answer = await client.get(`queries/upload-jobs/${encodeURIComponent(id)}${query}`, signal)
        return { ...readSnapshot(answer), job: readSummary(answer) }
      },
      cancel: async (id, signal) => readUpdate(await client.post(`commands/uploads/${encodeURIComponent(id)}/cancel`, {}, signal)),
    }
  }
}

const STATUSES: ReadonlySet<unknown> = new Set<JobStatus>(['QUEUED', 'IN_PROGRESS', 'COMPLETED', 'FAILED'])

function readSummary({ status, totalCount, completedCount, failedCount, partial }: Record<string, unknown>): JobSummary {
  if (!isJobStatus(status)) throw badAnswer('status')
  return {
    status,
    totalCount: countIn('totalCount', totalCount),
    completedCount: countIn('completedCount', completedCount),
    failedCount: countIn('failedCount', failedCount),
    partial: partial === true,
  }
}

const isJobStatus = (value: unknown): value is JobStatus => STATUSES.has(value)

function countIn(field: string, value: unknown): number {
  if (typeof value !== 'number' || !(value >= 0)) throw badAnswer(field)
  return value
}
