import { mkdir, open, rename, rm } from 'node:fs/promises'
import type { CompleteRequest } from '@upload-panel/core/protocol'
import { isNodeError } from '../node-error.js'
import { digestOf, hasChecksum } from './checksums.js'
import { etagOf, unquoted } from './etag.js'
import { sizeOfFile } from './files.js'
import type { Layout } from './layout.js'
import { openLedger, type WholePart } from './ledger.js'
import { countParts, sizeOfPart, type StorageTarget } from './object-storage.js'
import { missingBytes, otherBytes, wrongBytes } from './refusals.js'

/** Verifies the bytes of an upload and makes them an object: one rename, however large the file. Idempotent, also after a crash half-way. */
export async function seal(layout: Layout, target: StorageTarget, claimed: CompleteRequest = {}): Promise<void> {
  const { operationId, size } = target
  const upload = layout.upload(operationId)
  const object = layout.object(operationId)
  const sealedSize = await sizeOfFile(object.file)
  if (sealedSize === undefined) {
    const parts = new Map((await openLedger(upload.ledger).parts()).map((part) => [part.partNumber, part]))
    refuseMissing(target, parts)
    refuseOthers(target, claimed.parts ?? [], parts)
    const received = await sizeOfFile(upload.data)
    if (received !== size) throw wrongBytes(`${received ?? 0} of ${size} bytes are stored.`)
    for (const checksum of [target.checksum, claimed.checksum]) {
      if (checksum === undefined || (await hasChecksum(checksum, [...parts.values()], upload.data))) continue
      // Which part is wrong nobody knows: kept, they would be found again with every try.
      await rm(upload.ledger, { force: true })
      throw otherBytes()
    }
    await moveInto(object.folder, upload.data, object.file)
    await syncFolder(object.folder)
  } else if (sealedSize !== size) {
    throw wrongBytes(`The stored file has ${sealedSize} bytes instead of ${size}.`)
  }
  await rm(upload.folder, { recursive: true, force: true })
}

/** Most folders are there already: they are made when one is missed. */
async function moveInto(folder: string, from: string, to: string): Promise<void> {
  try {
    await rename(from, to)
  } catch (error) {
    if (!isNodeError(error, 'ENOENT')) throw error
    await mkdir(folder, { recursive: true })
    await rename(from, to)
  }
}

type PartsByNumber = ReadonlyMap<number, WholePart>

function refuseMissing(target: StorageTarget, parts: PartsByNumber): void {
  for (let number = 1; number <= countParts(target); number += 1) {
    const part = parts.get(number)
    if (part === undefined) throw missingBytes(`Part ${number} of this upload has not arrived.`)
    if (part.size !== sizeOfPart(target, number)) throw wrongBytes(`Part ${number} of this upload has the wrong size.`)
  }
}

/** The parts that the client says it sent, where it says so, must be the ones that are there. */
function refuseOthers({ algorithm }: StorageTarget, claimed: NonNullable<CompleteRequest['parts']>, parts: PartsByNumber): void {
  for (const { part_number, etag, checksum } of claimed) {
    const part = parts.get(part_number)
    const digest = part && algorithm && digestOf(algorithm, part)
    const isSame =
      part !== undefined &&
      (etag === undefined || unquoted(etag) === etagOf(part.sha256)) &&
      (checksum === undefined || digest === undefined || checksum === digest)
    if (!isSame) throw wrongBytes(`Part ${part_number} is not the one that was sent.`)
  }
}

/** Makes a rename outlast a power cut. Windows cannot open a folder, and does not need it. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
