import { Refusal } from '../errors.js'
import { isNodeError } from '../node-error.js'

export function tooManyBytes(size: number): Refusal {
  return new Refusal(413, 'too_many_bytes', `More bytes came than the ${size} that were announced.`)
}

export function tooFewBytes(received: number, size: number): Refusal {
  return new Refusal(400, 'too_few_bytes', `Only ${received} of ${size} bytes came.`, { retryable: true })
}

export function missingBytes(message: string): Refusal {
  return new Refusal(409, 'bytes_missing', message, { retryable: true })
}

export function wrongBytes(message: string): Refusal {
  return new Refusal(409, 'bytes_wrong', message)
}

/** What was there is not there any more: the next attempt sends it again. */
export function otherBytes(): Refusal {
  return new Refusal(409, 'bytes_wrong', 'The stored bytes do not have the announced checksum. They were dropped: send them again.', {
    retryable: true,
  })
}

export function wrongSize(received: number, size: number): Refusal {
  return new Refusal(409, 'bytes_wrong', `The stored file has ${received} bytes instead of ${size}. It was dropped: send it again.`, {
    retryable: true,
  })
}

export function checksumMismatch(): Refusal {
  return new Refusal(400, 'checksum_mismatch', 'The bytes that came do not have the announced checksum. Nothing of them was kept.', {
    retryable: true,
  })
}

export function uploadComplete(): Refusal {
  return new Refusal(409, 'upload_complete', 'This upload is complete; its bytes cannot be replaced.')
}

export function uploadGone(): Refusal {
  return new Refusal(410, 'upload_gone', 'This upload was cancelled or has expired.')
}

export function uploadLocked(): Refusal {
  return new Refusal(423, 'upload_locked', 'Another request holds this upload.', { retryable: true })
}

export function partReplaced(): Refusal {
  return new Refusal(409, 'part_replaced', 'The same part was sent again by a later request.', { retryable: true })
}

/** Says in the terms of the wire that there is no room left. */
export async function onFullDisk<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!isNodeError(error, 'ENOSPC', 'EDQUOT')) throw error
    throw storageFull(error)
  }
}

export function storageFull(cause?: unknown): Refusal {
  return new Refusal(507, 'storage_full', 'The server has no room left for this file.', { retryable: true, cause })
}
