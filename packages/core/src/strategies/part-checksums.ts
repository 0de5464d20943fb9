import type { Hashing } from '../checksum/load.js'
import { UploadError } from '../errors.js'
import type { ChecksumAlgorithm } from '../protocol/index.js'
import type { Part } from './parts.js'

/** Parts that are hashed before their turn. */
const AHEAD = 12

/** Digests of parts, made while other parts are on their way. */
export interface PartChecksums {
  known(part: Part): string | undefined
  /** Waits for the digest, and lets the parts behind this one be hashed meanwhile. */
  of(part: Part): Promise<string>
  /** Makes it anew. Rejects where the file has changed since. */
  again(part: Part): Promise<string>
}

export interface PartChecksumsOptions {
  readonly algorithm: ChecksumAlgorithm
  /** The parts to be sent, in their order. */
  readonly missing: readonly Part[]
  /** The bytes of a part. */
  slice(part: Part): Promise<Blob>
  readonly signal: AbortSignal
}

/** One part is read at a time, in steps: however large the file, memory holds no more of it. */
export function createPartChecksums(hashing: Hashing, { algorithm, missing, slice, signal }: PartChecksumsOptions): PartChecksums {
  const places = new Map(missing.map((part, place) => [part, place]))
  const digests = new Map<number, string>()
  const making = new Map<number, Promise<string>>()
  let last: Promise<unknown> = Promise.resolve()

  async function read(part: Part): Promise<string> {
    signal.throwIfAborted()
    const digest = await hashing.digestOf(algorithm, await slice(part), signal)
    digests.set(part.number, digest)
    return digest
  }

  function make(part: Part): Promise<string> {
    const known = making.get(part.number)
    if (known !== undefined) return known
    const made = last.then(() => read(part))
    making.set(part.number, made)
    // A part that could not be read is tried again by whoever needs it.
    last = made.catch(() => void making.delete(part.number))
    return made
  }

  return {
    known: ({ number }) => digests.get(number),
    of(part) {
      const made = make(part)
      const place = (places.get(part) ?? 0) + 1
      for (const behind of missing.slice(place, place + AHEAD)) make(behind).catch(() => {})
      return made
    },
    async again(part) {
      const before = digests.get(part.number)
      making.delete(part.number)
      const digest = await make(part)
      if (before === undefined || digest === before) return digest
      throw new UploadError('file_unreadable', 'The file changed while it was sent. Choose it again to go on.')
    },
  }
}
