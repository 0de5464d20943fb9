import { ownError } from '../errors.js'
import type { ChecksumAlgorithm } from '../protocol/index.js'
import { digestOf } from './hash.js'

/** Parts that are hashed before their turn. */
const AHEAD = 12

/** Digests of parts, made while other parts are on their way. */
export interface PartChecksums<P extends NumberedPart> {
  known(part: P): string | undefined
  /** Waits for the digest, and lets the parts behind this one be hashed meanwhile. */
  of(part: P): Promise<string>
  /** Makes it anew. Rejects where the file has changed since. */
  again(part: P): Promise<string>
}

interface NumberedPart {
  readonly number: number
}

export interface PartChecksumsOptions<P extends NumberedPart> {
  readonly algorithm: ChecksumAlgorithm
  /** The parts to be sent, in their order. */
  readonly missing: readonly P[]
  /** The bytes of a part. */
  slice(part: P): Promise<Blob>
  readonly signal: AbortSignal
}

/** One part is read at a time, in steps: however large the file, memory holds no more of it. */
export function createPartChecksums<P extends NumberedPart>({
  algorithm,
  missing,
  slice,
  signal,
}: PartChecksumsOptions<P>): PartChecksums<P> {
  const places = new Map(missing.map((part, place) => [part, place]))
  const digests = new Map<number, string>()
  const making = new Map<number, Promise<string>>()
  let last: Promise<unknown> = Promise.resolve()

  async function hash(part: P): Promise<string> {
    signal.throwIfAborted()
    const digest = await digestOf(algorithm, await slice(part), signal)
    digests.set(part.number, digest)
    return digest
  }

  function make(part: P): Promise<string> {
    const known = making.get(part.number)
    if (known !== undefined) return known
    const made = last.then(() => hash(part))
    making.set(part.number, made)
    // A part that could not be read is tried again by whoever needs it.
    last = made.catch(() => void making.delete(part.number))
    return made
  }

  return {
    known: ({ number }) => digests.get(number),
    of(part) {
      const made = make(part)
      const next = (places.get(part) ?? 0) + 1
      for (const behind of missing.slice(next, next + AHEAD)) make(behind).catch(() => {})
      return made
    },
    async again(part) {
      const before = digests.get(part.number)
      making.delete(part.number)
      const digest = await make(part)
      if (before === undefined || digest === before) return digest
      throw ownError('file_unreadable', 'The file changed while it was sent. Choose it again to go on.')
    },
  }
}
