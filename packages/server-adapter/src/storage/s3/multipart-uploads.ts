import {
  AbortMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandOutput,
  type MultipartUpload,
  type S3Client,
} from '@aws-sdk/client-s3'
import type { StorageTarget } from '../object-storage.js'
import type { S3Call } from './calls.js'
import type { S3Keys } from './keys.js'

/** A multipart upload that is neither complete nor aborted. */
export interface UnderWay {
  readonly operationId: string
  readonly uploadId: string
  /** By S3's clock, milliseconds since the epoch. */
  readonly initiatedMs: number
}

/**
 * The multipart uploads that are under way. S3 itself is asked which they are: a key is one operation's alone, so that what lies there is its
 * upload. Nothing has to be kept beside, nothing is lost with a crash, and every node of a server finds the same.
 */
export interface MultipartUploads {
  /** The upload of an operation, made where there is none. */
  begin(target: StorageTarget): Promise<string>
  /** The name of an operation's upload, out of memory where it was asked for before: the upload may be gone since. */
  find(operationId: string): Promise<string | undefined>
  /** Those of an operation, as S3 has them. The first one counts: where there are others, nodes were asked for the same at the same time. */
  of(operationId: string): Promise<readonly UnderWay[]>
  abort(uploads: readonly UnderWay[]): Promise<void>
  /** Of all operations. */
  all(): AsyncIterable<UnderWay>
}

export interface MultipartUploadsOptions {
  readonly client: S3Client
  readonly bucket: string
  readonly keys: S3Keys
  readonly call: S3Call
}

/** Names that are remembered, so that a call for URLs costs no request to S3. */
const MOST_REMEMBERED = 10_000
const MIME_TYPE = /^[\w!#$&^.+-]{1,127}\/[\w!#$&^.+-]{1,127}$/

export function createMultipartUploads({ client, bucket: Bucket, keys, call }: MultipartUploadsOptions): MultipartUploads {
  /** In the order of their use. */
  const remembered = new Map<string, string>()
  const beginning = new Map<string, Promise<string>>()

  function remember(operationId: string, uploadId: string | undefined): string | undefined {
    remembered.delete(operationId)
    if (uploadId === undefined) return undefined
    remembered.set(operationId, uploadId)
    const [oldest] = remembered.keys()
    if (oldest !== undefined && remembered.size > MOST_REMEMBERED) remembered.delete(oldest)
    return uploadId
  }

  async function* list(Prefix: string): AsyncGenerator<UnderWay> {
    let page: ListMultipartUploadsCommandOutput | undefined
    do {
      const command: ListMultipartUploadsCommand = new ListMultipartUploadsCommand({
        Bucket,
        Prefix,
        ...(page !== undefined && { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker }),
      })
      page = await call('s3:ListBucketMultipartUploads', () => client.send(command))
      for (const upload of page?.Uploads ?? []) yield* underWay(upload)
    } while (page?.IsTruncated === true)
  }

  function* underWay({ Key = '', UploadId, Initiated }: MultipartUpload): Generator<UnderWay> {
    const operationId = keys.operationOf(Key)
    if (operationId !== undefined && UploadId !== undefined)
      yield { operationId, uploadId: UploadId, initiatedMs: Initiated?.getTime() ?? 0 }
  }

  async function of(operationId: string): Promise<readonly UnderWay[]> {
    const found: UnderWay[] = []
    for await (const upload of list(keys.of(operationId))) if (upload.operationId === operationId) found.push(upload)
    found.sort((a, b) => a.initiatedMs - b.initiatedMs || (a.uploadId < b.uploadId ? -1 : 1))
    remember(operationId, found[0]?.uploadId)
    return found
  }

  async function abort(uploads: readonly UnderWay[]): Promise<void> {
    for (const { operationId, uploadId } of uploads) {
      const command = new AbortMultipartUploadCommand({ Bucket, Key: keys.of(operationId), UploadId: uploadId })
      await call('s3:AbortMultipartUpload', () => client.send(command))
    }
  }

  async function beginNow({ operationId, type, algorithm }: StorageTarget): Promise<string> {
    const [found] = await of(operationId)
    if (found !== undefined) return found.uploadId
    const command = new CreateMultipartUploadCommand({
      Bucket,
      Key: keys.of(operationId),
      // What else a client calls a type could not be sent as a header.
      ...(MIME_TYPE.test(type) && { ContentType: type }),
      ...(algorithm === 'crc32c' && { ChecksumAlgorithm: 'CRC32C', ChecksumType: 'FULL_OBJECT' }),
      ...(algorithm === 'sha256' && { ChecksumAlgorithm: 'SHA256', ChecksumType: 'COMPOSITE' }),
    })
    const uploadId = (await call('s3:PutObject', () => client.send(command)))?.UploadId
    if (uploadId === undefined) throw new TypeError('S3 began a multipart upload without naming it.')
    // Another node may have done the same for the same call, repeated by its client: all of them go on with the first.
    const uploads = await of(operationId)
    const [first] = uploads
    if (first === undefined || first.uploadId === uploadId) return uploadId
    await abort(uploads.filter((upload) => upload.uploadId === uploadId))
    return first.uploadId
  }

  return {
    async begin(target) {
      const { operationId } = target
      const begun = beginning.get(operationId) ?? beginNow(target).finally(() => beginning.delete(operationId))
      beginning.set(operationId, begun)
      return begun
    },
    async find(operationId) {
      const uploadId = remembered.get(operationId)
      return uploadId === undefined ? (await of(operationId))[0]?.uploadId : remember(operationId, uploadId)
    },
    of,
    abort,
    all: () => list(keys.prefix),
  }
}
