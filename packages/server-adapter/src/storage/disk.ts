import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { access, mkdir, open, opendir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { Refusal, serverClosing } from '../errors.js'
import { receiveBody } from '../receive-body.js'
import { openLedger } from './ledger.js'
import type { ObjectStorage, StorageContext, StorageTarget } from './object-storage.js'
import { countParts, sizeOfPart } from './object-storage.js'
import { isNodeError, loadSecret } from './secret.js'
import { type Grant, readGrant, signUrl, STORAGE_PREFIX } from './signed-urls.js'
import { tooFewBytes, tooManyBytes, writePart } from './write-part.js'

/** Options of {@link disk}. */
export interface DiskOptions {
  /** Where the files lie; made if it is missing. Two servers may share it only one after the other. */
  readonly directory: string
  /** What URLs are signed with. @default random, made once and kept in the directory */
  readonly secret?: string
}

/** Part URLs that a plan already carries; the client asks for the others when it comes to them. */
const SIGNED_AHEAD = 10

/** Requests that write to one upload right now. */
interface Traffic {
  /** By part number. */
  readonly writers: Map<number, { readonly controller: AbortController; readonly done: Promise<unknown> }>
  /** While the upload is being sealed or discarded: settles when that is over. Never rejects. */
  closing?: Promise<unknown>
}

/**
 * Object storage on a local disk, behind the same plans and signed URLs that S3 has.
 *
 * ```text
 * secret              what URLs are signed with, mode 0600
 * uploads/<id>/data   bytes on their way, each part written straight to its place
 * uploads/<id>/parts  the ledger: which parts are whole
 * objects/<ab>/<id>   sealed objects
 * ```
 *
 * Sealing is one rename, however large the file. Names of files are operation ids: what a client calls its file never reaches the disk.
 */
export function disk(options: DiskOptions): ObjectStorage {
  const uploads = join(options.directory, 'uploads')
  const objects = join(options.directory, 'objects')
  const uploadFolder = (operationId: string) => join(uploads, safe(operationId))
  const dataFile = (operationId: string) => join(uploadFolder(operationId), 'data')
  const ledger = (operationId: string) => openLedger(join(uploadFolder(operationId), 'parts'))
  const objectFolder = (operationId: string) => join(objects, safe(operationId).slice(0, 2))
  const objectFile = (operationId: string) => join(objectFolder(operationId), operationId)

  const traffic = new Map<string, Traffic>()
  let opened: (StorageContext & { readonly secret: string }) | undefined

  function context(): StorageContext & { readonly secret: string } {
    if (opened === undefined) throw new Error('The storage is not open: createSyncServer opens it, and close() ends its use.')
    return opened
  }

  function expiry(): { readonly expires_in_s: number; readonly expiresAtS: number } {
    const { clock, urlExpiresMs } = context()
    const expires_in_s = Math.floor(urlExpiresMs / 1000)
    return { expires_in_s, expiresAtS: Math.floor(clock.now() / 1000) + expires_in_s }
  }

  function trafficOf(operationId: string): Traffic {
    let entry = traffic.get(operationId)
    if (entry === undefined) traffic.set(operationId, (entry = { writers: new Map() }))
    return entry
  }

  function forgetTraffic(operationId: string): void {
    const entry = traffic.get(operationId)
    if (entry !== undefined && entry.writers.size === 0 && entry.closing === undefined) traffic.delete(operationId)
  }

  /** Waits until an upload is neither being sealed nor discarded. */
  async function closed(operationId: string): Promise<void> {
    for (let closing; (closing = traffic.get(operationId)?.closing) !== undefined; ) await closing
  }

  async function receive(grant: Grant, request: Request): Promise<string> {
    const { operationId, partNumber, size } = grant
    const announced = request.headers.get('content-length')
    if (announced !== null && Number(announced) > size) throw tooManyBytes(size)
    if (announced !== null && Number(announced) < size) throw tooFewBytes(Number(announced), size)

    // Once that is over, it shows whether these bytes are still wanted.
    await closed(operationId)
    const entry = trafficOf(operationId)
    // The same part again means that its sender gave the other request up, which a half-open connection does not tell.
    const earlier = entry.writers.get(partNumber)
    earlier?.controller.abort(new Refusal(409, 'part_replaced', 'The same part was sent again by a later request.', { retryable: true }))
    const controller = new AbortController()
    const signal = AbortSignal.any([controller.signal, request.signal])
    const done = (async () => {
      await earlier?.done.catch(() => {})
      signal.throwIfAborted()
      return onFullDisk(() => write(grant, request.body, signal))
    })()
    const writer = { controller, done }
    entry.writers.set(partNumber, writer)
    try {
      return await done
    } finally {
      if (entry.writers.get(partNumber) === writer) entry.writers.delete(partNumber)
      forgetTraffic(operationId)
    }
  }

  async function write(grant: Grant, body: ReadableStream<Uint8Array> | null, signal: AbortSignal): Promise<string> {
    const { operationId, partNumber, size } = grant
    if (await exists(objectFile(operationId))) throw sealed()
    const book = ledger(operationId)
    try {
      await book.begin(partNumber)
    } catch (error) {
      // The folder is made with the plan, and goes when the upload is cancelled, superseded or expired.
      throw isNodeError(error, 'ENOENT') ? gone() : error
    }
    const sha256 = await writePart(dataFile(operationId), grant, receiveBody(body, context().clock, signal))
    await book.end({ partNumber, size, sha256 })
    return etagOf(sha256)
  }

  /** Keeps new writers waiting while the upload is sealed or discarded. */
  async function exclusively<T>(operationId: string, work: () => Promise<T>): Promise<T> {
    await closed(operationId)
    const entry = trafficOf(operationId)
    const result = work()
    entry.closing = result.catch(() => {})
    try {
      return await result
    } finally {
      delete entry.closing
      forgetTraffic(operationId)
    }
  }

  async function seal(target: StorageTarget, claimed: Parameters<ObjectStorage['complete']>[1]): Promise<void> {
    const { operationId, size } = target
    const sealedSize = await sizeOf(objectFile(operationId))
    if (sealedSize !== undefined) {
      if (sealedSize !== size) throw wrongBytes(`The stored file has ${sealedSize} bytes instead of ${size}.`)
      // A crash may have come between the rename and this.
      await rm(uploadFolder(operationId), { recursive: true, force: true })
      return
    }
    if ((traffic.get(operationId)?.writers.size ?? 0) > 0) throw missingBytes('Bytes of this upload are still arriving.')
    const stored = new Map((await ledger(operationId).parts()).map((part) => [part.partNumber, part]))
    for (let number = 1; number <= countParts(target); number += 1) {
      const part = stored.get(number)
      if (part === undefined) throw missingBytes(`Part ${number} of this upload has not arrived.`)
      if (part.size !== sizeOfPart(target, number)) throw wrongBytes(`Part ${number} of this upload has the wrong size.`)
    }
    for (const { part_number, etag } of claimed ?? []) {
      const sha256 = stored.get(part_number)?.sha256
      if (etag !== undefined && (sha256 === undefined || unquoted(etag) !== etagOf(sha256)))
        throw wrongBytes(`Part ${part_number} is not the one that was sent.`)
    }
    const received = await sizeOf(dataFile(operationId))
    if (received !== size) throw wrongBytes(`${received ?? 0} of ${size} bytes are stored.`)
    if (target.checksum !== undefined) {
      const onlyPart = countParts(target) === 1 ? stored.get(1)?.sha256 : undefined
      const checksum = `sha256:${onlyPart ?? (await hashFile(dataFile(operationId)))}`
      if (checksum !== target.checksum) throw wrongBytes('The stored bytes do not have the announced checksum.')
    }
    await mkdir(objectFolder(operationId), { recursive: true })
    await rename(dataFile(operationId), objectFile(operationId))
    await syncFolder(objectFolder(operationId))
    await rm(uploadFolder(operationId), { recursive: true, force: true })
  }

  return {
    async open(given) {
      await mkdir(uploads, { recursive: true })
      await mkdir(objects, { recursive: true })
      opened = { ...given, secret: options.secret ?? (await loadSecret(join(options.directory, 'secret'))) }
    },
    async plan(target) {
      const { secret } = context()
      await onFullDisk(() => mkdir(uploadFolder(target.operationId), { recursive: true }))
      const { expires_in_s, expiresAtS } = expiry()
      if (target.kind === 'put') {
        return { kind: 'put', method: 'PUT', url: signUrl(secret, target, 1, expiresAtS), headers: {}, expires_in_s }
      }
      const numbers = Array.from({ length: Math.min(SIGNED_AHEAD, countParts(target)) }, (_, index) => index + 1)
      return {
        kind: 'multipart',
        upload_id: target.operationId,
        part_bytes: target.partBytes,
        parts: numbers.map((part_number) => ({ part_number, url: signUrl(secret, target, part_number, expiresAtS) })),
        expires_in_s,
      }
    },
    async signParts(target, partNumbers) {
      const { secret } = context()
      const { expires_in_s, expiresAtS } = expiry()
      return {
        parts: partNumbers.map((part_number) => ({ part_number, url: signUrl(secret, target, part_number, expiresAtS) })),
        expires_in_s,
      }
    },
    async listParts({ operationId }) {
      const parts = await ledger(operationId).parts()
      return parts.map(({ partNumber, size, sha256 }) => ({ part_number: partNumber, size, etag: etagOf(sha256) }))
    },
    complete: (target, parts) => exclusively(target.operationId, () => onFullDisk(() => seal(target, parts))),
    async read(operationId) {
      const path = objectFile(operationId)
      const size = await sizeOf(path)
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
      exclusively(operationId, async () => {
        const writers = [...(traffic.get(operationId)?.writers.values() ?? [])]
        for (const { controller } of writers) controller.abort(gone())
        await Promise.allSettled(writers.map(({ done }) => done))
        await rm(uploadFolder(operationId), { recursive: true, force: true })
        await rm(objectFile(operationId), { force: true })
      }),
    async *unsealed() {
      for await (const entry of await opendir(uploads)) yield entry.name
    },
    async fetch(request, path) {
      const { secret, clock } = context()
      const operationId = path.slice(STORAGE_PREFIX.length)
      const grant = readGrant(secret, request.method, operationId, new URL(request.url).searchParams, clock.now())
      const etag = await receive(grant, request)
      return new Response(null, { status: 200, headers: { etag: `"${etag}"` } })
    },
    async close() {
      const writers = [...traffic.values()].flatMap((entry) => [...entry.writers.values()])
      for (const { controller } of writers) controller.abort(serverClosing())
      await Promise.allSettled(writers.map(({ done }) => done))
    },
  }
}

/** The last wall before the file system: an id that could name anything but a file of its own is a fault of the program that made it. */
function safe(operationId: string): string {
  if (!/^[A-Za-z0-9_-]{1,200}$/.test(operationId)) throw new Refusal(404, 'unknown_upload', 'There is no such upload.')
  return operationId
}

function sealed(): Refusal {
  return new Refusal(409, 'upload_complete', 'This upload is complete; its bytes cannot be replaced.')
}

function gone(): Refusal {
  return new Refusal(410, 'upload_gone', 'This upload was cancelled or has expired.')
}

/** Says in the terms of the wire that there is no room left. */
async function onFullDisk<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!isNodeError(error, 'ENOSPC', 'EDQUOT')) throw error
    throw new Refusal(507, 'storage_full', 'The server has no room left for this file.', { retryable: true, cause: error })
  }
}

function missingBytes(message: string): Refusal {
  return new Refusal(409, 'bytes_missing', message, { retryable: true })
}

function wrongBytes(message: string): Refusal {
  return new Refusal(409, 'bytes_wrong', message)
}

/** 128 bits tell parts apart, and ten thousand of them fit into the body of one `complete`. */
function etagOf(sha256: string): string {
  return sha256.slice(0, 32)
}

function unquoted(etag: string): string {
  return etag.replace(/^(?:W\/)?"(.*)"$/, '$1')
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size
  } catch (error) {
    if (isNodeError(error, 'ENOENT')) return undefined
    throw error
  }
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  return hash.digest('hex')
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
