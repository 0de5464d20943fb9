import type { Clock } from './clock.js'
import { Refusal } from './errors.js'

/** How long a sender may let a body stand still, milliseconds. A slow line may take as long as it takes. */
const STALL_MS = 60_000

/** A sender whose bytes are not wanted any more is listened to for so long, and so many bytes, before it is cut off: milliseconds, bytes. */
const DRAIN_MS = 5_000
const DRAIN_BYTES = 16 * 2 ** 20

/**
 * The chunks of a request's body, one at a time: who does not ask for the next slows the sender down.
 * Throws the signal's reason when aborted, and a `Refusal` (408) where nothing came for a minute. Lets go of the body in any case.
 */
export async function* receiveBody(body: ReadableStream<Uint8Array> | null, clock: Clock, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  if (body === null) return
  const reader = body.getReader()
  let failure: { readonly reason: unknown } | undefined
  let isRead = false
  /** Only time that we wait for the sender counts, not time that it waits for us. */
  let waitingSinceMs: number | undefined

  function stop(reason: unknown): void {
    failure ??= { reason }
    // Ends a read that is waiting.
    void reader.cancel(reason).catch(() => {})
  }
  // One timer that looks again, rather than a new one with each of the thousands of chunks of a large body.
  function look(): void {
    const leftMs = (waitingSinceMs ?? clock.now()) + STALL_MS - clock.now()
    if (leftMs > 0) cancelTimer = clock.setTimeout(look, leftMs)
    else stop(new Refusal(408, 'stalled', 'No bytes came for a minute.', { retryable: true }))
  }
  let cancelTimer = clock.setTimeout(look, STALL_MS)
  const onAbort = () => stop(signal.reason)
  signal.addEventListener('abort', onAbort)
  if (signal.aborted) onAbort()
  try {
    while (true) {
      waitingSinceMs = clock.now()
      const { done, value } = await reader.read()
      waitingSinceMs = undefined
      if (failure !== undefined) throw failure.reason
      if (done) {
        isRead = true
        return
      }
      yield value
    }
  } finally {
    cancelTimer()
    signal.removeEventListener('abort', onAbort)
    if (isRead || failure !== undefined) await reader.cancel().catch(() => {})
    else void drain(reader, clock)
  }
}

/** Whoever is cut off while it sends does not hear why: browsers drop the answer, and tell of a broken line. */
async function drain(reader: ReadableStreamDefaultReader<Uint8Array>, clock: Clock): Promise<void> {
  const cut = () => void reader.cancel().catch(() => {})
  const cancelTimer = clock.setTimeout(cut, DRAIN_MS)
  let left = DRAIN_BYTES
  try {
    while (left > 0) {
      const { done, value } = await reader.read()
      if (done) break
      left -= value.byteLength
    }
  } catch {
    // It went away.
  } finally {
    cancelTimer()
    cut()
  }
}
