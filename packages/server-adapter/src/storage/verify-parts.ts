import type { CompleteRequest, StoredPart } from '@upload-panel/core/protocol'
import { unquoted } from './etag.js'
import { countParts, sizeOfPart, type StorageTarget } from './object-storage.js'
import { missingBytes, wrongBytes } from './refusals.js'

/** Refuses where a part is not there, or has not the bytes that it must have. */
export function refuseMissing(target: StorageTarget, stored: readonly StoredPart[]): void {
  const sizes = new Map(stored.map(({ part_number, size }) => [part_number, size]))
  for (let number = 1; number <= countParts(target); number += 1) {
    const size = sizes.get(number)
    if (size === undefined) throw missingBytes(`Part ${number} of this upload has not arrived.`)
    if (size !== sizeOfPart(target, number)) throw wrongBytes(`Part ${number} of this upload has the wrong size.`)
  }
}

/** The parts that the client says it sent, where it says so, must be the ones that are there. */
export function refuseOthers(claimed: NonNullable<CompleteRequest['parts']>, stored: readonly StoredPart[]): void {
  const parts = new Map(stored.map((part) => [part.part_number, part]))
  for (const { part_number, etag, checksum } of claimed) {
    const part = parts.get(part_number)
    const isSame =
      part !== undefined &&
      (etag === undefined || part.etag === undefined || unquoted(etag) === unquoted(part.etag)) &&
      (checksum === undefined || part.checksum === undefined || checksum === part.checksum)
    if (!isSame) throw wrongBytes(`Part ${part_number} is not the one that was sent.`)
  }
}
