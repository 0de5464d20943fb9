import { ownError } from '../errors.js'
import type { FileHandle, RestoredUpload } from './persistence.js'
import { resumed } from './plain-item.js'
import type { StoredUpload } from './queue-storage.js'

/** What is left of an upload, as far as it can be had again. A handle without its file may be read once the person allows it. */
export async function restore(upload: StoredUpload, kept: File | FileHandle | undefined): Promise<RestoredUpload> {
  const { missing, ...found } = await fileOf(upload, kept)
  // Nothing is left to send where storage has every byte.
  const error = missing === undefined || upload.transfer !== undefined ? undefined : ownError('file_unreadable', missing)
  return { ...upload, file: undefined, ...found, item: resumed(upload.item, upload.jobId, error) }
}

/** The file, or why there is none. */
async function fileOf(
  { item, fingerprint }: Pick<StoredUpload, 'item' | 'fingerprint'>,
  kept: File | FileHandle | undefined,
): Promise<{ readonly file?: File; readonly handle?: FileHandle; readonly missing?: string }> {
  if (kept === undefined) return { missing: 'Choose the file again to go on.' }
  if (kept instanceof Blob) return { file: kept }
  try {
    const file = await kept.getFile()
    if (file.size === item.size && file.lastModified === fingerprint?.lastModified) return { file, handle: kept }
    return { missing: 'The file has changed on the disk. Choose it again.' }
  } catch {
    // It is gone, or this page has not been allowed yet to read it.
    return { handle: kept, missing: 'The file cannot be read. Try again, or choose it again.' }
  }
}
