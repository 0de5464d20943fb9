import type { FileSource } from 'tus-js-client'
import { isRecord } from '../../protocol/index.js'
import type { UploadSource } from '../strategy.js'

/** Their addresses are all in one header at the end. */
export const MAX_PIECES = 100

/** A file in pieces, each as tus-js-client reads a file. */
export function cutIntoPieces(source: UploadSource, count: number): readonly FileSource[] {
  const bytes = Math.floor(source.size / count)
  return Array.from({ length: count }, (_, index) => {
    const from = index * bytes
    const size = index === count - 1 ? source.size - from : bytes
    return {
      size,
      slice: async (start: number, end: number) => ({
        value: await source.slice(from + start, from + Math.min(end, size)),
        done: end >= size,
      }),
      close() {},
    }
  })
}

/** Bytes of the whole file out of the bytes of its pieces. */
export function createPieceProgress(onProgress: (sentBytes: number) => void): (index: number, sentBytes: number) => void {
  const sent: number[] = []
  let total = 0
  return (index, sentBytes) => {
    total += sentBytes - (sent[index] ?? 0)
    sent[index] = sentBytes
    onProgress(total)
  }
}

/** What is kept between runs: where each piece of the file is, `null` for one that is nowhere yet. */
export interface TusCheckpoint {
  readonly urls: readonly (string | null)[]
}

export function isTusCheckpoint(value: unknown): value is TusCheckpoint {
  const urls = isRecord(value) ? value['urls'] : undefined
  return Array.isArray(urls) && urls.length > 0 && urls.length <= MAX_PIECES && urls.every((url) => url === null || isUrl(url))
}

const isUrl = (value: unknown): boolean => typeof value === 'string' && URL.canParse(value)
