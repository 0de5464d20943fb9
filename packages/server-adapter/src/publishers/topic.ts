import type { OperationRecord } from '../records/operation-records.js'

/** What a word is told to: those who follow its job, the operation itself, or all that is its subject's. */
export interface PublishedTopic {
  readonly kind: 'job' | 'operation' | 'all'
  /** The job's, the operation's, or the subject's. */
  readonly id: string
  /** Whose it is. */
  readonly subject: string
}

/** The topics of a word, what most follow first. */
export function topicsOf({ subject, word: { operation_id, job_id } }: OperationRecord): readonly PublishedTopic[] {
  return [
    ...(job_id === undefined ? [] : [{ kind: 'job', id: job_id, subject } as const]),
    { kind: 'operation', id: operation_id, subject },
    { kind: 'all', id: subject, subject },
  ]
}
