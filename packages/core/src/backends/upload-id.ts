import { UploadError } from '../errors.js'
import { isId } from '../protocol/index.js'

/** The name of an upload that is to be followed, where the server gave it one. Databases count: a number is a name as well. */
export function readUploadId(value: unknown): string | undefined {
  if (value === undefined || value === null || value === '') return undefined
  const id = typeof value === 'number' ? String(value) : value
  if (isId(id)) return id
  throw new UploadError('bad_answer', 'The server named the upload in a way that cannot be used.')
}
