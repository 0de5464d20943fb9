import { open, readFile } from 'node:fs/promises'
import { isNodeError } from '../node-error.js'

const LINE = /^(?:begin ([1-9]\d*)|end ([1-9]\d*) (\d+) ([0-9a-f]{64})(?: ([A-Za-z0-9+/]{6}==))?)$/

/** A part that has arrived whole. */
export interface WholePart {
  readonly partNumber: number
  /** Bytes. */
  readonly size: number
  /** Of its bytes, 64 hexadecimal digits. */
  readonly sha256: string
  /** Of its bytes, as base64, where its sender made one. */
  readonly crc32c?: string
}

/**
 * Which parts of an upload are whole: a text file that is only ever appended to, one short line a fact.
 * "begin" is written before the first byte of a part and takes an earlier "end" back; "end" is written once its bytes are safe.
 * So a crash at any moment leaves a part either whole or not there, and a line that was torn off is none.
 */
export interface Ledger {
  /** Notes that a part begins, does the work that stores its bytes, and notes that it is whole. Rejects with `ENOENT` where the upload has no folder. */
  record(partNumber: number, work: () => Promise<Omit<WholePart, 'partNumber'>>): Promise<WholePart>
  /** By rising number. */
  parts(): Promise<readonly WholePart[]>
}

export function openLedger(path: string): Ledger {
  return {
    async record(partNumber, work) {
      const file = await open(path, 'a', 0o600)
      // A line break on both sides: what a crash tore off does not spoil the next line.
      const append = (line: string) => file.write(`\n${line}\n`)
      try {
        await append(`begin ${partNumber}`)
        const part = await work()
        await append(`end ${partNumber} ${part.size} ${part.sha256}${part.crc32c === undefined ? '' : ` ${part.crc32c}`}`)
        return { partNumber, ...part }
      } finally {
        await file.close()
      }
    },
    async parts() {
      let text: string
      try {
        text = await readFile(path, 'utf8')
      } catch (error) {
        if (isNodeError(error, 'ENOENT')) return []
        throw error
      }
      const parts = new Map<number, WholePart>()
      for (const line of text.split('\n')) {
        const [, begun, ended, size, sha256, crc32c] = LINE.exec(line) ?? []
        if (begun !== undefined) parts.delete(Number(begun))
        else if (ended !== undefined && sha256 !== undefined) {
          parts.set(Number(ended), {
            partNumber: Number(ended),
            size: Number(size),
            sha256,
            ...(crc32c !== undefined && { crc32c }),
          })
        }
      }
      return [...parts.values()].sort((a, b) => a.partNumber - b.partNumber)
    },
  }
}
