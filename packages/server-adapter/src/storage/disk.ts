import { createReadStream } from 'node:fs'
import { mkdir, opendir, rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { serverClosing } from '../errors.js'
import { isNodeError } from '../node-error.js'
import { receiveBody } from '../receive-body.js'
import { etagOf } from './etag.js'
import { sizeOfFile } from './files.js'
import { layoutOf } from './layout.js'
import { openLedger } from './ledger.js'
import { countParts, type ObjectStorage, type StorageContext, type StorageTarget } from './object-storage.js'
import { missingBytes, onFullDisk, tooFewBytes, tooManyBytes, uploadComplete, uploadGone } from './refusals.js'
import { seal } from './seal.js'
import { loadSecret } from './secret.js'
import { type Grant, readGrant, signUrl, STORAGE_PREFIX } from './signed-urls.js'
import { createTraffic } from './traffic.js'
import { writePart } from './write-part.js'

/** Options of {@link disk}. */
export interface DiskOptions {
  /** Where the files lie; made if it is missing. Two servers may share it only one after the other. */
  readonly directory: string
  /** What URLs are signed with. @default random, made once and kept in the directory */
  readonly secret?: string
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

  function sign(target: StorageTarget, partNumbers: readonly number[]) {
    const { clock, urlExpiresMs, secret } = context()
    const expires_in_s = Math.floor(urlExpiresMs / 1000)
    const expiresAtS = Math.floor(clock.now() / 1000) + expires_in_s
    const parts = partNumbers.map((part_number) => ({ part_number, url: signUrl(secret, target, part_number, expiresAtS) }))
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
    if ((await sizeOfFile(layout.object(operationId).file)) !== undefined) throw uploadComplete()
    const upload = layout.upload(operationId)
    try {
      const part = await openLedger(upload.ledger).record(partNumber, async () => ({
        size,
        sha256: await writePart(upload.data, grant, chunks),
      }))
      return etagOf(part.sha256)
    } catch (error) {
      // The folder is made with the plan, and goes when the upload is cancelled, superseded or expired.
      throw isNodeError(error, 'ENOENT') ? uploadGone() : error
    }
  }

  return {
    async open(given) {
      await mkdir(layout.uploads, { recursive: true })
      await mkdir(layout.objects, { recursive: true })
      opened = { ...given, secret: options.secret ?? (await loadSecret(layout.secret)) }
    },
    async plan(target) {
      await onFullDisk(() => mkdir(layout.upload(target.operationId).folder, { recursive: true }))
      const ahead = Array.from({ length: Math.min(SIGNED_AHEAD, countParts(target)) }, (_, index) => index + 1)
      const { parts, expires_in_s } = sign(target, ahead)
      const [first] = parts
      if (target.kind === 'put' && first !== undefined) return { kind: 'put', method: 'PUT', url: first.url, headers: {}, expires_in_s }
      return { kind: 'multipart', upload_id: target.operationId, part_bytes: target.partBytes, parts, expires_in_s }
    },
    signParts: async (target, partNumbers) => sign(target, partNumbers),
    async listParts({ operationId }) {
      const parts = await openLedger(layout.upload(operationId).ledger).parts()
      return parts.map(({ partNumber, size, sha256 }) => ({ part_number: partNumber, size, etag: etagOf(sha256) }))
    },
    complete: (target, parts) =>
      traffic.exclusively(target.operationId, async () => {
        if (traffic.isWriting(target.operationId)) throw missingBytes('Bytes of this upload are still arriving.')
        await onFullDisk(() => seal(layout, target, parts))
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
