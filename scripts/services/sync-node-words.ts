import type { SyncStatusUpdate } from '@upload-panel/core/protocol'

/** Whose everything is that the processes of a test do. */
export const SUBJECT = 'anna'

/** What topics are called on RabbitMQ. */
export const DESTINATION = { job: '/topic/job.{jobId}', operation: '/topic/upload.{operationId}', all: '/topic/all.{subject}' }

/** What a process prints of a word that its manager has answered. */
export type Acknowledged = Pick<SyncStatusUpdate, 'operation_id' | 'status' | 'progress'> & { readonly version?: number | undefined }
