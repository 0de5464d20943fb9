import type { Clock } from '../../clock.js'
import { UploadError } from '../../errors.js'

/**
 * What `call` settles with. Rejects as `stalled` where that takes longer than `ms`, and with the signal's reason as soon as it is aborted:
 * whoever is called need not look at the signal, and may never answer.
 */
export async function inTime<T>(
  clock: Pick<Clock, 'setTimeout'>,
  ms: number,
  signal: AbortSignal,
  call: (signal: AbortSignal) => T | Promise<T>,
  sentence = 'The server did not answer in time.',
): Promise<T> {
  const late = new AbortController()
  const ended = AbortSignal.any([signal, late.signal])
  ended.throwIfAborted()
  const cancelTimer = clock.setTimeout(() => late.abort(new UploadError('stalled', sentence)), ms)
  try {
    return await Promise.race([
      call(ended),
      new Promise<never>((_resolve, reject) => ended.addEventListener('abort', () => reject(ended.reason))),
    ])
  } catch (thrown) {
    ended.throwIfAborted()
    throw thrown
  } finally {
    cancelTimer()
  }
}
