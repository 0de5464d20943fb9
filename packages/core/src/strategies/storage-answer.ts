import { UploadError } from '../errors.js'
import { storageCode, storageError } from '../http/policy/classify.js'
import type { HttpResponse } from '../http/http-client.js'

/** The bytes are there and sealed: an earlier `complete` arrived, and its answer did not. */
export function isSealed(response: HttpResponse): boolean {
  return response.status === 409 && storageCode(response) === 'upload_complete'
}

/** What arrived is not what was announced: our server adapter's word for it, and S3's two. */
export function isMismatch(response: HttpResponse): boolean {
  const code = response.status === 400 ? storageCode(response) : undefined
  return code === 'checksum_mismatch' || code === 'BadDigest' || code === 'XAmzContentChecksumMismatch'
}

/** Why storage did not take the bytes. */
export function refusal(response: HttpResponse, now: number): UploadError {
  const error = storageError(response, now)
  if (isMismatch(response)) return again(error, 'The bytes were damaged on their way to storage.')
  // "If a conflicting operation occurs during the upload S3 returns a 409": an earlier request of ours has not ended yet.
  if (error.remoteCode === 'ConditionalRequestConflict') return again(error, error.message)
  return error
}

function again({ code, status, remoteCode }: UploadError, message: string): UploadError {
  return new UploadError(code, message, { status, remoteCode, retryable: true })
}
