import { Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import {
  CompleteMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  type Part,
} from '@aws-sdk/client-s3'
import type { ChecksumAlgorithm, CompleteRequest, SignedPart, StoredPart } from '@upload-panel/core/protocol'
import { Refusal } from '../../errors.js'
import { countParts, type ObjectStorage, type StorageContext, type StorageTarget } from '../object-storage.js'
import { missingBytes, otherBytes, wrongSize } from '../refusals.js'
import { refuseMissing, refuseOthers } from '../verify-parts.js'
import { adviceOn, createS3Call, isMisconfigured, readFailure, type S3Call } from './calls.js'
import { createS3Clients, type S3Access } from './clients.js'
import { createS3Keys } from './keys.js'
import { createMultipartUploads, type MultipartUploads } from './multipart-uploads.js'
import { createS3Signing, type S3Signing } from './signing.js'
import { objectHasChecksum } from './verify-object.js'

/** Options of {@link s3}. */
export interface S3Options extends S3Access {
  readonly bucket: string
  /** Where the objects lie in the bucket. It belongs to one server, all its nodes together: what no record of that server knows there is deleted. @default 'uploads' */
  readonly prefix?: string
  /** Asks clients for checksums that have no wish of their own. @default none: what clients tell is verified */
  readonly checksum?: ChecksumAlgorithm
  /**
   * Whether S3 takes `If-None-Match: *` with a PUT, as Amazon's, R2 and Ceph do. Where it does not, `false` sends small files as multipart
   * uploads of one part: else an address that is still good could replace a file that is complete. @default true
   */
  readonly conditionalWrites?: boolean
}

/** Part URLs that a plan already carries; the client asks for the others when it comes to them. */
const SIGNED_AHEAD = 4
const SIGNED_AT_ONCE = 50
/** A multipart upload this old that no record knows is an orphan, milliseconds. */
const ORPHAN_MS = 24 * 60 * 60_000

interface Opened extends StorageContext {
  readonly call: S3Call
  readonly uploads: MultipartUploads
  readonly signing: S3Signing
  readonly expiresInS: number
}

/**
 * Object storage in a bucket of S3, or of what speaks S3. Bytes go straight from the client to the bucket, by signed addresses.
 * Several nodes may use it at once. Needs `@aws-sdk/client-s3` and `@aws-sdk/s3-request-presigner`.
 */
export function s3(options: S3Options): ObjectStorage {
  const { bucket: Bucket, prefix = 'uploads', checksum: asked, conditionalWrites = true } = options
  const keys = createS3Keys(prefix)
  const { client, signer, destroy } = createS3Clients(options)
  let opened: Opened | undefined

  function context(): Opened {
    if (opened === undefined) throw new Error('The storage is not open: createSyncServer opens it, and close() ends its use.')
    return opened
  }
  const object = (operationId: string) => ({ Bucket, Key: keys.of(operationId) })
  /** Where the address of a whole file could replace it later, small files come as one part of a multipart upload, too. */
  const comesWhole = ({ kind }: StorageTarget) => kind === 'put' && conditionalWrites

  const head = (operationId: string, ChecksumMode?: 'ENABLED'): Promise<HeadObjectCommandOutput | undefined> =>
    context().call('s3:GetObject (and s3:ListBucket)', () =>
      client.send(new HeadObjectCommand({ ...object(operationId), ...(ChecksumMode !== undefined && { ChecksumMode }) })),
    )

  async function* readObject(operationId: string, ETag: string | undefined, range?: { readonly start: number; readonly end: number }) {
    const command = new GetObjectCommand({
      ...object(operationId),
      ...(ETag !== undefined && { IfMatch: ETag }),
      ...(range !== undefined && { Range: `bytes=${range.start}-${range.end - 1}` }),
    })
    const answer = await context().call('s3:GetObject', () => client.send(command))
    if (!(answer?.Body instanceof Readable)) throw missingBytes('The object is not there any more.')
    yield* answer.Body as AsyncIterable<Uint8Array>
  }

  async function deleteObject(operationId: string): Promise<void> {
    await context().call('s3:DeleteObject', () => client.send(new DeleteObjectCommand(object(operationId))))
  }

  /** All pages of it; `undefined` where S3 does not know the upload. */
  async function partsOf({ operationId }: StorageTarget, UploadId: string): Promise<readonly Part[] | undefined> {
    const parts: Part[] = []
    let PartNumberMarker: string | undefined
    do {
      const command = new ListPartsCommand({
        ...object(operationId),
        UploadId,
        ...(PartNumberMarker !== undefined && { PartNumberMarker }),
      })
      const page = await context().call('s3:ListMultipartUploadParts', () => client.send(command))
      if (page === undefined) return undefined
      parts.push(...(page.Parts ?? []))
      PartNumberMarker = page.IsTruncated === true ? page.NextPartNumberMarker : undefined
    } while (PartNumberMarker !== undefined)
    return parts
  }

  async function signedParts(
    target: StorageTarget,
    uploadId: string,
    numbers: readonly number[],
    checksums: Readonly<Record<number, string>> = {},
  ) {
    const { signing, expiresInS } = context()
    async function sign(part_number: number): Promise<SignedPart> {
      const digest = checksums[part_number]
      const checksum = target.algorithm && digest && `${target.algorithm}:${digest}`
      const { url, headers } = await signing.part(target, uploadId, part_number, checksum)
      return { part_number, url, ...(Object.keys(headers).length > 0 && { headers }) }
    }
    const parts: SignedPart[] = []
    for (let at = 0; at < numbers.length; at += SIGNED_AT_ONCE) {
      // A signature takes a third of a millisecond: other requests have their turn in between.
      if (at > 0) await setImmediate()
      parts.push(...(await Promise.all(numbers.slice(at, at + SIGNED_AT_ONCE).map(sign))))
    }
    return { parts, expires_in_s: expiresInS }
  }

  /** Puts the parts together, where that has not happened yet. */
  async function assemble(target: StorageTarget, { parts: claimed = [] }: CompleteRequest): Promise<void> {
    const { call, uploads } = context()
    const underWay = await uploads.of(target.operationId)
    const [upload, ...others] = underWay
    const parts = upload && (await partsOf(target, upload.uploadId))
    if (upload === undefined || parts === undefined) return
    const stored = parts.map((part) => asStoredPart(part, target.algorithm))
    try {
      refuseMissing(target, stored)
      refuseOthers(claimed, stored)
    } catch (refusal) {
      // An upload that was begun anew after the first one was complete, and whose answer nobody has heard.
      if (!(await isWhole(target))) throw refusal
      await uploads.abort(underWay)
      return
    }
    // With the ETags that S3 has, not with those that a client says it was told.
    const Parts = parts.map(({ PartNumber, ETag, ChecksumCRC32C, ChecksumSHA256 }) => ({
      PartNumber,
      ETag,
      ...(ChecksumCRC32C !== undefined && { ChecksumCRC32C }),
      ...(ChecksumSHA256 !== undefined && { ChecksumSHA256 }),
    }))
    const command = new CompleteMultipartUploadCommand({
      ...object(target.operationId),
      UploadId: upload.uploadId,
      MultipartUpload: { Parts },
    })
    // Where it does not exist any more another node was first, or the answer to an earlier request was lost: the object tells.
    await call('s3:PutObject', () => client.send(command))
    await uploads.abort(others)
  }

  const isWhole = async ({ operationId, size }: StorageTarget) => (await head(operationId))?.ContentLength === size

  return {
    isShared: true,
    checksums: { algorithms: ['crc32c', 'sha256'], ...(asked !== undefined && { asked }) },
    async open(given) {
      if ((await signer.config.requestChecksumCalculation()) !== 'WHEN_REQUIRED') {
        throw new TypeError(
          "s3: make the client with requestChecksumCalculation: 'WHEN_REQUIRED', or the addresses that it signs demand the checksum of an empty body.",
        )
      }
      try {
        await client.send(new ListMultipartUploadsCommand({ Bucket, Prefix: keys.prefix, MaxUploads: 1 }))
      } catch (cause) {
        const failure = readFailure(cause)
        if (isMisconfigured(failure)) throw new Error(adviceOn(failure, 's3:ListBucketMultipartUploads', Bucket), { cause })
        // It may be back in a moment; until then uploads are told to wait.
        given.logger.warn(`S3 cannot be reached for the bucket "${Bucket}".`, failure)
      }
      const call = createS3Call(Bucket, given.logger)
      const expiresInS = Math.floor(given.urlExpiresMs / 1000)
      opened = {
        ...given,
        call,
        expiresInS,
        uploads: createMultipartUploads({ client, bucket: Bucket, keys, call }),
        signing: createS3Signing({ signer, bucket: Bucket, keys, clock: given.clock, expiresInS }),
      }
    },
    async plan(target) {
      const { partBytes, algorithm, checksum } = target
      const { signing, uploads, expiresInS } = context()
      const askedOf = algorithm && { checksum: { algorithm } }
      if (comesWhole(target)) {
        const { url, headers } = await signing.put(target)
        // What was announced need not be told again.
        return { kind: 'put', method: 'PUT', url, headers, expires_in_s: expiresInS, ...(checksum === undefined && askedOf) }
      }
      const uploadId = await uploads.begin(target)
      // Of what is not hashed yet no URL can be signed.
      const ahead = algorithm === undefined ? Math.min(SIGNED_AHEAD, countParts(target)) : 0
      const { parts } = await signedParts(
        target,
        uploadId,
        Array.from({ length: ahead }, (_, index) => index + 1),
      )
      return {
        kind: 'multipart',
        upload_id: uploadId,
        part_bytes: partBytes,
        ...(ahead > 0 && { parts }),
        expires_in_s: expiresInS,
        ...askedOf,
      }
    },
    async signParts(target, partNumbers, checksums) {
      const uploadId = await context().uploads.find(target.operationId)
      if (uploadId === undefined) throw uploadVanished()
      return signedParts(target, uploadId, partNumbers, checksums)
    },
    async listParts(target) {
      if (comesWhole(target)) {
        const { ContentLength: size, ETag } = (await head(target.operationId)) ?? {}
        return size === target.size ? [asStoredPart({ PartNumber: 1, Size: size, ETag }, undefined)] : []
      }
      const [upload] = await context().uploads.of(target.operationId)
      const parts = upload && (await partsOf(target, upload.uploadId))
      return (parts ?? []).map((part) => asStoredPart(part, target.algorithm))
    },
    async complete(target, claimed = {}) {
      const { operationId, size } = target
      if (!comesWhole(target)) await assemble(target, claimed)
      const checksums = [target.checksum, claimed.checksum].filter((checksum) => checksum !== undefined)
      const stored = await head(operationId, checksums.length > 0 ? 'ENABLED' : undefined)
      if (stored === undefined) throw missingBytes('The bytes of this upload have not arrived.')
      if (stored.ContentLength !== size) {
        // Kept, it would be found again with every try, and could not be replaced.
        await deleteObject(operationId)
        throw wrongSize(stored.ContentLength ?? 0, size)
      }
      for (const checksum of checksums) {
        if (await objectHasChecksum(checksum, target, stored, () => readObject(operationId, stored.ETag))) continue
        await deleteObject(operationId)
        throw otherBytes()
      }
    },
    async read(operationId) {
      const { ContentLength: size, ETag } = (await head(operationId)) ?? {}
      if (size === undefined) return undefined
      return {
        size,
        stream({ start = 0, end = size } = {}) {
          const range = { start, end: Math.min(end, size) }
          // Nothing at all cannot be asked of S3, nor any range of an empty object.
          const bytes = range.end <= start ? [] : readObject(operationId, ETag, range)
          return Readable.toWeb(Readable.from(bytes)) as ReadableStream<Uint8Array>
        },
      }
    },
    async discard(operationId) {
      const { uploads } = context()
      await uploads.abort(await uploads.of(operationId))
      await deleteObject(operationId)
    },
    async *unsealed() {
      const { uploads, clock } = context()
      for await (const { operationId, initiatedMs } of uploads.all()) {
        // A record is written before its upload is begun, so that age is not needed to tell an orphan; it is for whoever shares a prefix by mistake.
        if (initiatedMs <= clock.now() - ORPHAN_MS) yield operationId
      }
    },
    async close() {
      destroy()
    },
  }
}

function asStoredPart(
  { PartNumber = 0, Size = 0, ETag, ChecksumCRC32C, ChecksumSHA256 }: Part,
  algorithm: ChecksumAlgorithm | undefined,
): StoredPart {
  const checksum = algorithm && (algorithm === 'crc32c' ? ChecksumCRC32C : ChecksumSHA256)
  return { part_number: PartNumber, size: Size, ...(ETag !== undefined && { etag: ETag }), ...(checksum !== undefined && { checksum }) }
}

/** Swept away by a rule of the bucket, or by hand: a new plan begins anew. */
function uploadVanished(): Refusal {
  return new Refusal(404, 'upload_vanished', 'Storage does not know this upload any more. Ask for a new plan.', { retryable: true })
}
