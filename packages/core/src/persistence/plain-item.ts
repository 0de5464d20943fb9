import { UploadError } from '../errors.js'
import type { UploadItem } from '../item/item.js'
import type { PlainError, PlainItem } from './queue-storage.js'

export function toPlain(item: UploadItem): PlainItem {
  if (!('error' in item)) return item
  const { code, message, retryable, status, remoteCode } = item.error
  return { ...item, error: { code, message, retryable, ...(status && { status }), ...(remoteCode && { remoteCode }) } }
}

/** The item as its own tab shows it. */
export function mirrorOf(plain: PlainItem): UploadItem {
  return freeze({ ...fromPlain(plain), mirrored: true })
}

/**
 * The item of a page that is gone, as this page goes on with it. What the server may have said since is not known yet, so nothing is shown of it:
 * "before any resumed progress is shown the server has confirmed it". What was on its way is queued again; without its bytes it waits for the file.
 */
export function resumed(plain: PlainItem, jobId: string, missing: UploadError | undefined): UploadItem {
  const item = fromPlain(plain)
  switch (item.phase) {
    case 'failed':
    case 'cancelled':
    case 'completed':
      return freeze({ ...item, jobId })
    case 'processing': {
      const { server: _, ...rest } = item
      return freeze({ ...rest, jobId, overdue: false })
    }
    default: {
      const { id, name, size, type, relativePath, addedAt, priority, metadata, attempt, paused, operationId } = item
      const base = {
        ...{ id, name, size, type, addedAt, priority, metadata, attempt, paused, jobId },
        ...(relativePath !== undefined && { relativePath }),
        ...(operationId !== undefined && { operationId }),
        // It has started before: known to have begun, with nothing known to be there.
        ...('sentBytes' in item && { sentBytes: 0 }),
      }
      if (missing !== undefined) return freeze({ ...base, phase: 'waiting', reason: 'file', error: missing })
      return freeze({ ...base, phase: 'queued' })
    }
  }
}

function fromPlain(plain: PlainItem): UploadItem {
  return 'error' in plain ? { ...plain, error: revive(plain.error) } : plain
}

function revive({ code, message, ...details }: PlainError): UploadError {
  return new UploadError(code, message, details)
}

function freeze(item: UploadItem): UploadItem {
  return Object.freeze(item)
}
