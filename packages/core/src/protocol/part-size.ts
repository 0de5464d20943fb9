import { MAX_PARTS } from './upload-plan.js'

const MIB = 2 ** 20
/** "Part size: 5 MiB to 5 GiB. There is no minimum size limit on the last part" (S3). */
export const MIN_PART_BYTES = 5 * MIB
/** What S3 takes in one request, bytes. */
export const MAX_PART_BYTES = 5 * 2 ** 30
/** From here on parts are larger: fewer requests for the same file. */
const LARGE_FILE_BYTES = 160 * MIB
const LARGE_PART_BYTES = 16 * MIB

/** What {@link partBytesFor} keeps to, in bytes. */
export interface PartSizeRule {
  /** @default 5 MiB, and 16 MiB for files from 160 MiB */
  readonly wanted?: number
  /** @default {@link MIN_PART_BYTES} */
  readonly least?: number
  /** @default {@link MAX_PART_BYTES} */
  readonly most?: number
}

/** Bytes of every part but the last: what is wanted, or as much more as it takes for 10,000 parts to hold the file. */
export function partBytesFor(size: number, { wanted, least = MIN_PART_BYTES, most = MAX_PART_BYTES }: PartSizeRule = {}): number {
  const preferred = Math.max(wanted ?? (size >= LARGE_FILE_BYTES ? LARGE_PART_BYTES : 0), least)
  const needed = Math.ceil(size / MAX_PARTS)
  // Whole MiB where it has to grow: round numbers are easier to follow in a log.
  return Math.min(needed <= preferred ? preferred : Math.ceil(needed / MIB) * MIB, most)
}
