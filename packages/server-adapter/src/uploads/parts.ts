import { isDigest, type SignPartsAnswer, type SignPartsRequest, type StoredPart } from '@upload-panel/core/protocol'
import type { Clock } from '../clock.js'
import { Refusal } from '../errors.js'
import type { Limits } from '../limits.js'
import { amend, type Operations } from '../manager/operations.js'
import { countParts, type ObjectStorage, sizeOfPart } from '../storage/object-storage.js'
import { targetOf, type UploadRecord } from './upload-record.js'

/** The parts of an upload that is sent in several. */
export interface Parts {
  sign(record: UploadRecord, partNumbers: readonly number[], checksums?: SignPartsRequest['checksums']): Promise<SignPartsAnswer>
  /** Those that storage has. */
  list(record: UploadRecord): Promise<readonly StoredPart[]>
}

export interface PartsOptions {
  readonly operations: Operations
  readonly storage: ObjectStorage
  readonly limits: Limits
  readonly clock: Clock
}

export function createParts({ operations, storage, limits, clock }: PartsOptions): Parts {
  /** A client that asks for URLs is still at work: the wait for its bytes begins anew, though not with every question. */
  async function extendWait({ word, upload }: UploadRecord): Promise<void> {
    const now = clock.now()
    if ((upload.expiresAtMs ?? 0) - now > limits.uploadExpiresMs / 2) return
    const expiresAtMs = now + limits.uploadExpiresMs
    await operations.change(word.operation_id, (record) =>
      record.word.status === 'pending' ? amend(record, {}, { expiresAtMs }) : undefined,
    )
  }

  return {
    async sign(record, partNumbers, checksums = {}) {
      const target = targetOf(record)
      const last = countParts(target)
      if (partNumbers.some((number) => number < 1 || number > last))
        throw new Refusal(422, 'invalid_part', `This upload has parts 1 to ${last}.`)
      const { algorithm } = target
      if (algorithm !== undefined && !partNumbers.every((number) => isDigest(algorithm, checksums[number])))
        throw new Refusal(422, 'invalid_part', `This upload is made with checksums: send the ${algorithm} of each part, as base64.`)
      const { status } = record.word
      if (status !== 'pending') throw new Refusal(409, 'not_waiting_for_bytes', `This upload is ${status}; it does not wait for bytes.`)
      await extendWait(record)
      return storage.signParts(target, partNumbers, algorithm && checksums)
    },
    async list(record) {
      const target = targetOf(record)
      if (record.upload.bytes === 'expected') return storage.listParts(target)
      if (record.upload.bytes === 'discarded') return []
      // Sealed: its parts are no more, and all of them are there.
      return Array.from({ length: countParts(target) }, (_, index) => ({ part_number: index + 1, size: sizeOfPart(target, index + 1) }))
    },
  }
}
