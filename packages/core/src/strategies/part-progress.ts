import type { StoredPart } from '../protocol/index.js'
import type { Part } from './parts.js'

/** Bytes of the whole file out of the bytes of its parts. */
export interface PartProgress {
  sent(part: Part, bytes: number): void
  stored(part: Part): void
  /** What was sent of it does not count any more. */
  lost(part: Part): void
}

export function createPartProgress(already: Iterable<StoredPart>, onProgress: (sentBytes: number) => void): PartProgress {
  let storedBytes = 0
  for (const part of already) storedBytes += part.size
  let inFlightBytes = 0
  const inFlight = new Map<number, number>()

  function set({ number }: Part, bytes: number): void {
    inFlightBytes += bytes - (inFlight.get(number) ?? 0)
    if (bytes === 0) inFlight.delete(number)
    else inFlight.set(number, bytes)
  }
  if (storedBytes > 0) onProgress(storedBytes)
  return {
    sent(part, bytes) {
      set(part, bytes)
      onProgress(storedBytes + inFlightBytes)
    },
    stored(part) {
      set(part, 0)
      storedBytes += part.end - part.start
      onProgress(storedBytes + inFlightBytes)
    },
    lost: (part) => set(part, 0),
  }
}
