import { UploadError } from '../errors.js'
import { MAX_PARTS, type StoredPart } from '../protocol/index.js'

/** A part of a file: bytes `start` (inclusive) to `end` (exclusive). */
export interface Part {
  /** From 1. */
  readonly number: number
  readonly start: number
  readonly end: number
}

/** Cuts a file of `size` bytes into parts of `partBytes`; the last one is the rest. */
export function cutIntoParts(size: number, partBytes: number): readonly Part[] {
  const count = Math.max(1, Math.ceil(size / partBytes))
  if (count > MAX_PARTS) {
    throw new UploadError('bad_answer', `The server's plan cuts the file into ${count} parts; ${MAX_PARTS} is the most that storage takes.`)
  }
  return Array.from({ length: count }, (_, index) => ({
    number: index + 1,
    start: index * partBytes,
    end: Math.min(size, (index + 1) * partBytes),
  }))
}

/** Those stored parts that fit the cut: one of another size is of another cut, or was broken off, and has to be sent again. */
export function fittingParts(parts: readonly Part[], stored: Iterable<StoredPart>): Map<number, StoredPart> {
  const fitting = new Map<number, StoredPart>()
  for (const one of stored) {
    const part = parts[one.part_number - 1]
    if (part !== undefined && part.end - part.start === one.size) fitting.set(one.part_number, one)
  }
  return fitting
}
