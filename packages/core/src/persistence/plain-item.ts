import { UploadError } from '../errors.js'
import type { UploadItem } from '../item/item.js'
import { newItem } from '../item/new-item.js'
import type { PlainItem } from './queue-storage.js'

export function toPlain(item: UploadItem): PlainItem {
  // What goes to the server as JSON is kept as JSON: there may be functions in it, which nothing can clone.
  const plain = { ...item, metadata: toJson(item.metadata) }
  return 'error' in plain ? { ...plain, error: Object.assign({}, plain.error, { message: plain.error.message }) } : plain
}

function toJson(metadata: UploadItem['metadata']): UploadItem['metadata'] {
  try {
    return JSON.parse(JSON.stringify(metadata))
  } catch {
    return {}
  }
}

function fromPlain(plain: PlainItem): UploadItem {
  return 'error' in plain ? { ...plain, error: new UploadError(plain.error.code, plain.error.message, plain.error) } : plain
}

/** The item as its own tab shows it. */
export function mirrorOf(plain: PlainItem): UploadItem {
  return Object.freeze({ ...fromPlain(plain), mirrored: true })
}

/**
 * The item of a page that is gone, as this page goes on with it. What the server may have said since is not known yet, so nothing is shown of it:
 * "before any resumed progress is shown the server has confirmed it". What was on its way is queued again; without its bytes it waits for the file.
 */
export function resumed(plain: PlainItem, jobId: string, missing: UploadError | undefined): UploadItem {
  const { server, ...item } = fromPlain(plain)
  if (item.phase === 'failed' || item.phase === 'cancelled') return Object.freeze({ ...item, jobId, ...(server && { server }) })
  if (item.phase === 'processing') return Object.freeze({ ...item, jobId, overdue: false })
  const { attempt, paused, operationId } = item
  const base = {
    ...newItem({ ...item, file: item }),
    ...{ attempt, paused, jobId },
    ...(operationId !== undefined && { operationId }),
    // It has started before: known to have begun, with nothing known to be there.
    ...('sentBytes' in item && { sentBytes: 0 }),
  }
  return Object.freeze(missing === undefined ? base : { ...base, phase: 'waiting', reason: 'file', error: missing })
}
