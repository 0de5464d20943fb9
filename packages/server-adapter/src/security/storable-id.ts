import { isId } from '@upload-panel/core/protocol'

/** Whether a value can name an item, a job, an operation or a subject, and comes out of a database as it went in. */
export function isStorableId(value: unknown): value is string {
  return isId(value) && value.isWellFormed()
}
