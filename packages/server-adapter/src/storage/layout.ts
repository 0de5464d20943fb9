import { join } from 'node:path'
import { Refusal } from '../errors.js'

/**
 * Where things lie in the directory of disk storage:
 *
 * ```text
 * secret              what URLs are signed with, mode 0600
 * uploads/<id>/data   bytes on their way, each part written straight to its place
 * uploads/<id>/parts  the ledger: which parts are whole
 * objects/<ab>/<id>   sealed objects
 * ```
 *
 * `<id>` is an operation id: what a client calls its file never reaches the disk.
 */
export interface Layout {
  readonly secret: string
  readonly uploads: string
  readonly objects: string
  upload(operationId: string): { readonly folder: string; readonly data: string; readonly ledger: string }
  object(operationId: string): { readonly folder: string; readonly file: string }
}

export function layoutOf(directory: string): Layout {
  const uploads = join(directory, 'uploads')
  const objects = join(directory, 'objects')
  return {
    secret: join(directory, 'secret'),
    uploads,
    objects,
    upload(operationId) {
      const folder = join(uploads, safe(operationId))
      return { folder, data: join(folder, 'data'), ledger: join(folder, 'parts') }
    },
    object(operationId) {
      // In folders by its first characters: no folder grows without end.
      const folder = join(objects, safe(operationId).slice(0, 2))
      return { folder, file: join(folder, operationId) }
    },
  }
}

/** The last wall before the file system: an id that could name anything but a file of its own names nothing. */
function safe(operationId: string): string {
  if (!/^[A-Za-z0-9_-]{1,200}$/.test(operationId)) throw new Refusal(404, 'unknown_operation', 'There is no such upload.')
  return operationId
}
