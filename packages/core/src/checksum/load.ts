import { ownError } from '../errors.js'
import type * as hashing from './hashing.js'

/** Loads it: nobody pays for it who wants no checksums. */
export async function loadHashing(): Promise<typeof hashing> {
  try {
    return await import('./hashing.js')
  } catch (cause) {
    throw ownError('network', 'The code that makes checksums could not be loaded.', { cause })
  }
}
