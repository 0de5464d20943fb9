import type { Clock } from '../clock.js'
import type { Limits } from '../limits.js'
import type { UnstampedOperation } from '../manager/operations.js'
import type { ObjectStorage } from '../storage/object-storage.js'
import { planChecksum, planTransfer } from './plan-transfer.js'
import type { ReadFile } from './read-file.js'

export interface NewUploadOptions {
  readonly limits: Limits
  readonly clock: Clock
  readonly createId: () => string
  readonly storage: Pick<ObjectStorage, 'checksums' | 'kind'>
}

/** The operation of a file whose bytes are to come. */
export function newUpload(
  subject: string,
  job_id: string,
  file: ReadFile,
  { limits, clock, createId, storage }: NewUploadOptions,
): UnstampedOperation {
  const { client_ref, attempt, name, size, type, relative_path, metadata, checksum, prefer } = file
  const transfer = planTransfer(file, limits, storage.kind)
  const algorithm = planChecksum(prefer, transfer.partBytes, storage.checksums)
  return {
    subject,
    word: {
      operation_id: createId(),
      operation_type: 'upload',
      status: 'pending',
      progress: 0,
      job_id,
      client_ref,
      attempt,
      file: { name, size, type, ...(relative_path !== undefined && { relative_path }) },
    },
    upload: {
      ...transfer,
      bytes: 'expected',
      expiresAtMs: clock.now() + limits.uploadExpiresMs,
      ...(metadata !== undefined && { metadata }),
      ...(checksum !== undefined && { checksum }),
      ...(algorithm !== undefined && { algorithm }),
    },
  }
}
