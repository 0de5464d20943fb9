import { UploadError } from '../errors.js'
import type * as hash from './hash.js'

/** What makes checksums. */
export type Hashing = typeof hash

/** Loads it: nobody pays for it who wants no checksums. */
export async function loadHashing(): Promise<Hashing> {
  try {
    return await import('./hash.js')
  } catch (cause) {
    throw new UploadError('network', 'The code that makes checksums could not be loaded.', { cause })
  }
}
