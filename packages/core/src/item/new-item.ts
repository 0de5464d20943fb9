import { ownError } from '../errors.js'
import { sanitizeText, type SyncStatusUpdate } from '../protocol/index.js'
import type { FileFacts, ItemIn, UploadItem } from './item.js'
import { hear } from './machine.js'

/** Longest file name and path shown and sent; file systems end at 255 bytes a name and 4,096 a path. */
const MAX_PATH_LENGTH = 4096

/** What a new item is made of, besides its file. */
export interface NewItemInput {
  readonly id: string
  readonly file: Pick<File, 'name' | 'size' | 'type'>
  readonly relativePath?: string | undefined
  readonly addedAt: number
  readonly priority?: number | undefined
  readonly metadata?: Readonly<Record<string, unknown>> | undefined
}

/** What an item says of a file. File systems allow names that no page should show. */
export function fileFacts({ name, size, type }: Pick<File, 'name' | 'size' | 'type'>): FileFacts {
  return { name: sanitizeText(name, MAX_PATH_LENGTH), size, type }
}

const NO_METADATA: Readonly<Record<string, unknown>> = Object.freeze({})

/** The item of a file that was just added. Spreads nothing: of thousands at once, most of the time would go into objects that are thrown away. */
export function newItem({ id, file, relativePath, addedAt, priority = 0, metadata = NO_METADATA }: NewItemInput): ItemIn<'queued'> {
  const item: { -readonly [K in keyof ItemIn<'queued'>]: ItemIn<'queued'>[K] } = {
    id,
    name: sanitizeText(file.name, MAX_PATH_LENGTH),
    size: file.size,
    type: file.type,
    addedAt,
    priority: Number.isNaN(priority) ? 0 : priority,
    // All files of a call may share what nobody can change.
    metadata: Object.isFrozen(metadata) ? metadata : Object.freeze({ ...metadata }),
    attempt: 1,
    paused: false,
    phase: 'queued',
  }
  if (relativePath !== undefined && relativePath !== '') item.relativePath = sanitizeText(relativePath, MAX_PATH_LENGTH)
  return Object.freeze(item)
}

/**
 * The item of an operation that an earlier page began, as the server's snapshot tells it; `undefined` where the word does not name a file
 * or is of an attempt that a later one replaced. What still lacks its bytes waits for the file: a page that is gone took it along.
 */
export function restoredItem(update: SyncStatusUpdate, addedAt: number): UploadItem | undefined {
  const { file } = update
  if (update.operation_type !== 'upload' || file === undefined) return undefined
  const base = {
    ...newItem({ id: update.client_ref ?? update.operation_id, file, relativePath: file.relative_path, addedAt }),
    attempt: update.attempt ?? 1,
    operationId: update.operation_id,
  }
  const item: UploadItem =
    update.status === 'in_progress'
      ? { ...base, phase: 'processing', overdue: false }
      : {
          ...base,
          phase: 'waiting',
          reason: 'file',
          error: ownError('file_unreadable', 'Choose the file again to go on uploading it.'),
        }
  const restored = hear(item, { type: 'serverSaid', update, source: 'snapshot' })
  return restored === item ? undefined : restored
}
