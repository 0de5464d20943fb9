import type { Clock } from '../../clock.js'
import { ownError } from '../../errors.js'

/**
 * What `call` settles with, or the signal's reason as soon as it is aborted: whoever is called need not look at the signal, and may never answer.
 */
export async function untilAborted<T>(signal: AbortSignal, call: (signal: AbortSignal) => T | Promise<T>): Promise<T> {
  signal.throwIfAborted()
  let stopListening = () => {}
  const aborted = new Promise<never>((_resolve, reject) => {
    const onAbort = () => reject(signal.reason)
    signal.addEventListener('abort', onAbort)
    stopListening = () => signal.removeEventListener('abort', onAbort)
  })
  try {
    return await Promise.race([call(signal), aborted])
  } catch (thrown) {
    signal.throwIfAborted()
    throw thrown
  } finally {
    stopListening()
  }
}

/** The same; rejects with `late` where it takes longer than `ms`. */
export async function inTime<T>(
  clock: Pick<Clock, 'setTimeout'>,
  ms: number,
  signal: AbortSignal,
  call: (signal: AbortSignal) => T | Promise<T>,
  late = () => ownError('stalled', 'The server did not answer in time.'),
): Promise<T> {
  const deadline = new AbortController()
  const cancelTimer = clock.setTimeout(() => deadline.abort(late()), ms)
  try {
    return await untilAborted(AbortSignal.any([signal, deadline.signal]), call)
  } finally {
    cancelTimer()
  }
}
