import { createReadStream } from 'node:fs'
import { mkdir, opendir, rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { type ChecksumAlgorithm, parseChecksum } from '@upload-panel/core/protocol'
import { serverClosing } from '../errors.js'
import { isNodeError } from '../node-error.js'
import { receiveBody } from '../receive-body.js'
import { digestOf } from './checksums.js'
import { etagOf } from './etag.js'
import { sizeOfFile } from './files.js'
import { layoutOf } from './layout.js'
import { openLedger } from './ledger.js'
import { countParts, type ObjectStorage, type StorageContext, type StorageTarget } from './object-storage.js'
import { checksumMismatch, missingBytes, onFullDisk, tooFewBytes, tooManyBytes, uploadComplete, uploadGone } from './refusals.js'
import { seal } from './seal.js'
import { loadSecret } from './secret.js'
import { type Grant, readGrant, signUrl, STORAGE_PREFIX } from './signed-urls.js'
import { asStoredPart } from './stored-part.js'
import { createTraffic } from './traffic.js'
import { writePart } from './write-part.js'

/** Options of {@link disk}. */
export interface DiskOptions {
  /** Where the files lie; made if it is missing. Two servers may share it only one after the other. */
  readonly directory: string
  /** What URLs are signed with. @default random, made once and kept in the directory */
  readonly secret?: string
  /** Asks clients for checksums that have no wish of their own. @default none: what clients tell is verified */
  readonly checksum?: ChecksumAlgorithm
}

/** Part URLs that a plan already carries; the client asks for the others when it comes to them. */
const SIGNED_AHEAD = 10

/** Object storage on a local disk, behind the same plans and signed URLs that S3 has. */
export function disk(options: DiskOptions): ObjectStorage {
  const layout = layoutOf(options.directory)
  const traffic = createTraffic()
  let opened: (StorageContext & { readonly secret: string }) | undefined

  function context(): StorageContext & { readonly secret: string } {
    if (opened === undefined) throw new Error('The storage is not open: createSyncServer opens it, and close() ends its use.')
    return opened
  }

  function sign(target: StorageTarget, partNumbers: readonly number[], checksumOf: (partNumber: number) => string | undefined) {
    const { clock, urlExpiresMs, secret } = context()
    const expires_in_s = Math.floor(urlExpiresMs / 1000)
    const expiresAtS = Math.floor(clock.now() / 1000) + expires_in_s
    const parts = partNumbers.map((part_number) => ({
      part_number,
      url: signUrl(secret, target, part_number, expiresAtS, checksumOf(part_number)),
    }))
    return { parts, expires_in_s }
  }

  async function receive(grant: Grant, request: Request): Promise<string> {
    const { operationId, partNumber, size } = grant
    const announced = request.headers.get('content-length')
    if (announced !== null && Number(announced) > size) throw tooManyBytes(size)
    if (announced !== null && Number(announced) < size) throw tooFewBytes(Number(announced), size)
    return traffic.write(operationId, partNumber, request.signal, (signal) =>
      onFullDisk(() => write(grant, receiveBody(request.body, context().clock, signal))),
    )
  }

  async function write(grant: Grant, chunks: AsyncIterable<Uint8Array>): Promise<string> {
    const { operationId, partNumber, size } = grant
    const checksum = parseChecksum(grant.checksum)
    if ((await sizeOfFile(layout.object(operationId).file)) !== undefined) throw uploadComplete()
    const upload = layout.upload(operationId)
    try {
      const part = await openLedger(upload.ledger).record(partNumber, async () => {
        const digests = await writePart(upload.data, grant, chunks, checksum?.algorithm)
        if (checksum !== undefined && digestOf(checksum.algorithm, digests) !== checksum.digest) throw checksumMismatch()
        return { size, ...digests }
      })
      return etagOf(part.sha256)
    } catch (error) {
      // The folder is made with the plan, and goes when the upload is cancelled, superseded or expired.
      throw isNodeError(error, 'ENOENT') ? uploadGone() : error
    }
  }

  return {
    checksums: { algorithms: ['crc32c', 'sha256'], ...(options.checksum !== undefined && { asked: options.checksum }) },
    async open(given) {
      await mkdir(layout.uploads, { recursive: true })
      await mkdir(layout.objects, { recursive: true })
      opened = { ...given, secret: options.secret ?? (await loadSecret(layout.secret)) }
    },
    async plan(target) {
      await onFullDisk(() => mkdir(layout.upload(target.operationId).folder, { recursive: true }))
      const { operationId, kind, partBytes, algorithm, checksum } = target
      const asked = algorithm && { checksum: { algorithm } }
      if (kind === 'put') {
        const { parts, expires_in_s } = sign(target, [1], () => checksum)
        // What was announced need not be told again.
        return { kind, method: 'PUT', url: parts[0]?.url ?? '', headers: {}, expires_in_s, ...(checksum === undefined && asked) }
      }
      // Of what is not hashed yet no URL can be signed.
      const ahead = algorithm === undefined ? Math.min(SIGNED_AHEAD, countParts(target)) : 0
      const numbers = Array.from({ length: ahead }, (_, index) => index + 1)
      const { parts, expires_in_s } = sign(target, numbers, () => undefined)
      return { kind: 'multipart', upload_id: operationId, part_bytes: partBytes, ...(ahead > 0 && { parts }), expires_in_s, ...asked }
    },
    signParts: async (target, partNumbers, checksums) =>
      sign(target, partNumbers, (number) => target.algorithm && checksums && `${target.algorithm}:${checksums[number]}`),
    async listParts({ operationId, algorithm }) {
      const parts = await openLedger(layout.upload(operationId).ledger).parts()
      return parts.map((part) => asStoredPart(part, algorithm))
    },
    complete: (target, claimed) =>
      traffic.exclusively(target.operationId, async () => {
        if (traffic.isWriting(target.operationId)) throw missingBytes('Bytes of this upload are still arriving.')
        await onFullDisk(() => seal(layout, target, claimed))
      }),
    async read(operationId) {
      const path = layout.object(operationId).file
      const size = await sizeOfFile(path)
      if (size === undefined) return undefined
      return {
        size,
        path,
        stream({ start = 0, end = size } = {}) {
          // Node's `end` is inclusive, so nothing at all cannot be asked of it.
          const bytes = end <= start ? Readable.from([]) : createReadStream(path, { start, end: end - 1 })
          return Readable.toWeb(bytes) as ReadableStream<Uint8Array>
        },
      }
    },
    discard: (operationId) =>
      traffic.exclusively(operationId, async () => {
        await traffic.stop(uploadGone(), operationId)
        await rm(layout.upload(operationId).folder, { recursive: true, force: true })
        await rm(layout.object(operationId).file, { force: true })
      }),
    async *unsealed() {
      for await (const entry of await opendir(layout.uploads)) yield entry.name
    },
    async fetch(request, path) {
      const { secret, clock } = context()
      const operationId = path.slice(STORAGE_PREFIX.length)
      const grant = readGrant(secret, request.method, operationId, new URL(request.url).searchParams, clock.now())
      const etag = await receive(grant, request)
      return new Response(null, { status: 200, headers: { etag: `"${etag}"` } })
    },
    close: () => traffic.stop(serverClosing()),
  }
}
