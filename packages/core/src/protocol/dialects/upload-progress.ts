import type { Decode } from '../decode.js'
import { readDialect, type Statuses } from './fields.js'

/** Statuses of the dialect, in the order in which they follow one another. What is `uploading` is the server's own upload onward, not ours to it. */
const STATUSES: Statuses = new Map([
  ['starting', { status: 'pending', rank: 0 }],
  ['compressing', { status: 'in_progress', stage: 'compressing', rank: 1 }],
  ['uploading', { status: 'in_progress', stage: 'uploading', rank: 2 }],
  ['completed', { status: 'completed', rank: 3 }],
  ['error', { status: 'failed', rank: 3 }],
])

/**
 * The dialect of Socket.IO backends that tell of one upload a room: `{uploadId, status, progress, message, element}`. `element` is the result.
 * @throws Error that says what is wrong
 *
 * @example socketIo({ socket, decode: uploadProgress })
 */
export const uploadProgress: Decode = (raw) =>
  readDialect(raw, ({ uploadId, status, progress, element, error }) => {
    const known = STATUSES.get(typeof status === 'string' ? status.toLowerCase() : status)
    if (known === undefined) throw new Error('status is unknown')
    return { ...known, id: uploadId, progress, result: element, error }
  })
