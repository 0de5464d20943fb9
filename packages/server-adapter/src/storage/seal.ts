import { mkdir, open, rename, rm } from 'node:fs/promises'
import type { CompleteRequest } from '@upload-panel/core/protocol'
import { isNodeError } from '../node-error.js'
import { hasChecksum } from './checksums.js'
import { sizeOfFile } from './files.js'
import type { Layout } from './layout.js'
import { openLedger } from './ledger.js'
import type { StorageTarget } from './object-storage.js'
import { otherBytes, wrongBytes } from './refusals.js'
import { asStoredPart } from './stored-part.js'
import { refuseMissing, refuseOthers } from './verify-parts.js'

/** Verifies the bytes of an upload and makes them an object: one rename, however large the file. Idempotent, also after a crash half-way. */
export async function seal(layout: Layout, target: StorageTarget, claimed: CompleteRequest = {}): Promise<void> {
  const { operationId, size } = target
  const upload = layout.upload(operationId)
  const object = layout.object(operationId)
  const sealedSize = await sizeOfFile(object.file)
  if (sealedSize === undefined) {
    const parts = await openLedger(upload.ledger).parts()
    const stored = parts.map((part) => asStoredPart(part, target.algorithm))
    refuseMissing(target, stored)
    refuseOthers(claimed.parts ?? [], stored)
    const received = await sizeOfFile(upload.data)
    if (received !== size) throw wrongBytes(`${received ?? 0} of ${size} bytes are stored.`)
    for (const checksum of [target.checksum, claimed.checksum]) {
      if (checksum === undefined || (await hasChecksum(checksum, parts, upload.data))) continue
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
