import { stat } from 'node:fs/promises'
import { isNodeError } from '../node-error.js'

/** Bytes of a file; `undefined` where there is none. */
export async function sizeOfFile(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size
  } catch (error) {
    if (isNodeError(error, 'ENOENT')) return undefined
    throw error
  }
}
