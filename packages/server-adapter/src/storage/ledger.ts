import { appendFile, readFile } from 'node:fs/promises'
import type { StoredPart } from '@upload-panel/core/protocol'
import { isNodeError } from './secret.js'

const LINE = /^(?:begin ([1-9]\d*)|end ([1-9]\d*) (\d+) ([0-9a-f]{64}))$/

/**
 * Which parts of an upload are whole: a text file that is only ever appended to, one short line a fact.
 * "begin" is written before the first byte of a part and takes an earlier "end" back; "end" is written once its bytes are safe.
 * So a crash at any moment leaves a part either whole or not there, and a line that was torn off is none.
 */
export interface Ledger {
  begin(partNumber: number): Promise<void>
  end(part: Required<StoredPart>): Promise<void>
  /** By rising number. */
  parts(): Promise<readonly Required<StoredPart>[]>
}

export function openLedger(path: string): Ledger {
  // A line break on both sides: what a crash tore off does not spoil the next line.
  const append = (line: string) => appendFile(path, `\n${line}\n`)
  return {
    begin: (partNumber) => append(`begin ${partNumber}`),
    end: ({ part_number, size, etag }) => append(`end ${part_number} ${size} ${etag}`),
    async parts() {
      let text: string
      try {
        text = await readFile(path, 'utf8')
      } catch (error) {
        if (isNodeError(error, 'ENOENT')) return []
        throw error
      }
      const parts = new Map<number, Required<StoredPart>>()
      for (const line of text.split('\n')) {
        const [, begun, ended, size, etag] = LINE.exec(line) ?? []
        if (begun !== undefined) parts.delete(Number(begun))
        else if (ended !== undefined && etag !== undefined)
          parts.set(Number(ended), { part_number: Number(ended), size: Number(size), etag })
      }
      return [...parts.values()].sort((a, b) => a.part_number - b.part_number)
    },
  }
}
