import type { Locker } from '@tus/server'
import type { Clock } from '../../clock.js'
import { uploadLocked } from '../refusals.js'

/** How long a request waits for another one to let an upload go, milliseconds. */
const PATIENCE_MS = 30_000

/** Who waits for a lock hears it from whoever had it: the locker that `@tus/server` brings asks again and again, as fast as it can. */
export function createLocker(clock: Clock): Locker {
  const held = new Map<string, { readonly ask: () => void; readonly released: Promise<void>; readonly release: () => void }>()

  return {
    newLock: (id) => ({
      async lock(signal, requestRelease) {
        const deadline = clock.now() + PATIENCE_MS
        for (let holder = held.get(id); holder !== undefined; holder = held.get(id)) {
          holder.ask()
          await releasedWithin(clock, deadline - clock.now(), holder.released, signal)
          if (held.has(id) && (signal.aborted || clock.now() >= deadline)) throw uploadLocked()
        }
        const { promise: released, resolve: release } = Promise.withResolvers<void>()
        held.set(id, { ask: () => void requestRelease(), released, release })
      },
      async unlock() {
        const holder = held.get(id)
        held.delete(id)
        holder?.release()
      },
    }),
  }
}

async function releasedWithin(clock: Clock, ms: number, released: Promise<void>, signal: AbortSignal): Promise<void> {
  const { promise: given, resolve: giveUp } = Promise.withResolvers<void>()
  const cancel = clock.setTimeout(giveUp, ms)
  const onAbort = () => giveUp()
  signal.addEventListener('abort', onAbort)
  if (signal.aborted) giveUp()
  try {
    await Promise.race([released, given])
  } finally {
    cancel()
    signal.removeEventListener('abort', onAbort)
  }
}
