import { randomUUID } from 'node:crypto'
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  S3ServiceException,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { type S3Access, s3Client } from '../../../../scripts/services/s3-client.js'
import type { UploadBackend, UploadBackendFactory } from '../backends/backend.js'
import { UploadError } from '../errors.js'
import type { HttpClient } from '../http/http-client.js'
import type { CreateUploadFile, StoredPart, UploadPlan } from '../protocol/index.js'
import { multipart } from '../strategies/multipart.js'
import { put } from '../strategies/put.js'

export interface S3BackendOptions {
  readonly access: S3Access
  readonly bucket: string
  /** Bytes of every part but the last, whatever the client would like. @default 5 MiB */
  readonly partBytes?: number
  /** When the URLs of a call are signed, in milliseconds since the epoch; `call` counts from 1. @default now */
  readonly signedAt?: (call: number) => number
  /** What becomes of a URL before the client has it. */
  readonly change?: (url: string) => string
}

/** An upload that the backend has planned. */
interface Planned {
  readonly file: CreateUploadFile
  readonly key: string
  uploadId: string | undefined
}

/** A server that only signs for S3 and completes what was sent, as small as one can be, in the process of the test. */
export interface S3Backend {
  /** For the `backend` option. */
  readonly backend: UploadBackendFactory
  /** Its calls. */
  readonly api: UploadBackend
  /** Part numbers of each call that signed. */
  readonly signed: readonly (readonly number[])[]
  /** Aborts the multipart uploads that are under way, behind everybody's back. */
  sweep(): Promise<void>
  /** Multipart uploads of ours that storage still keeps. */
  pending(): Promise<number>
  /** The object of a file, by the item's id. */
  object(id: string): Promise<Uint8Array>
  close(): void
}

/** How long URLs are good, in seconds. */
const EXPIRES_IN_S = 600

export function createS3Backend({
  access,
  bucket: Bucket,
  partBytes = 5 * 2 ** 20,
  signedAt = Date.now,
  change = (url) => url,
}: S3BackendOptions): S3Backend {
  const client = s3Client(access)
  const operations = new Map<string, Planned>()
  const signed: (readonly number[])[] = []

  const signing = (call: number) => ({
    expiresIn: EXPIRES_IN_S,
    signingDate: new Date(signedAt(call)),
  })
  function must(id: string): Planned {
    const operation = operations.get(id)
    if (operation === undefined) throw new Error(`There is no operation ${id}.`)
    return operation
  }
  const target = ({ key, uploadId }: Planned) => ({ Bucket, Key: key, UploadId: uploadId })

  async function list(operation: Planned): Promise<readonly StoredPart[]> {
    const parts: StoredPart[] = []
    let PartNumberMarker: string | undefined
    do {
      const page = await called(
        client.send(new ListPartsCommand({ ...target(operation), ...(PartNumberMarker !== undefined && { PartNumberMarker }) })),
      )
      for (const { PartNumber = 0, Size = 0, ETag } of page.Parts ?? []) {
        parts.push({ part_number: PartNumber, size: Size, ...(ETag !== undefined && { etag: ETag }) })
      }
      PartNumberMarker = page.IsTruncated ? page.NextPartNumberMarker : undefined
    } while (PartNumberMarker !== undefined)
    return parts
  }

  async function plan(operation: Planned): Promise<UploadPlan> {
    const { file, key: Key } = operation
    if (file.prefer?.kind === 'put') {
      const url = await getSignedUrl(client, new PutObjectCommand({ Bucket, Key }), signing(signed.push([])))
      return { kind: 'put', url: change(url), method: 'PUT', headers: {}, expires_in_s: EXPIRES_IN_S }
    }
    if (operation.uploadId !== undefined && !(await isKnown(operation))) operation.uploadId = undefined
    operation.uploadId ??= (await client.send(new CreateMultipartUploadCommand({ Bucket, Key }))).UploadId
    const checksum = file.prefer?.checksum
    return {
      kind: 'multipart',
      upload_id: operation.uploadId ?? '',
      part_bytes: partBytes,
      expires_in_s: EXPIRES_IN_S,
      ...(checksum !== undefined && checksum !== 'none' && { checksum: { algorithm: checksum } }),
    }
  }

  const isKnown = (operation: Planned) =>
    list(operation).then(
      () => true,
      () => false,
    )

  const backend: UploadBackend = {
    strategies: [put, multipart],
    origin: undefined,
    async createUploads({ job_id = '', files }) {
      const made = await Promise.all(
        files.map(async (file) => {
          if (!operations.has(file.client_ref)) operations.set(file.client_ref, { file, key: randomUUID(), uploadId: undefined })
          const { client_ref } = file
          return { operation_id: client_ref, client_ref, version: 1, plan: await plan(must(client_ref)) }
        }),
      )
      return { job_id, operations: made }
    },
    async signParts(id, numbers) {
      const call = signed.push(numbers)
      const parts = numbers.map(async (PartNumber) => {
        const url = await getSignedUrl(client, new UploadPartCommand({ ...target(must(id)), PartNumber }), signing(call))
        return { part_number: PartNumber, url: change(url) }
      })
      return { parts: await Promise.all(parts), expires_in_s: EXPIRES_IN_S }
    },
    listParts: (id) => list(must(id)),
    async complete(id, { parts = [] }) {
      const operation = must(id)
      if (operation.uploadId !== undefined) {
        const Parts = parts.map(({ part_number, etag }) => ({ PartNumber: part_number, ETag: etag }))
        await called(client.send(new CompleteMultipartUploadCommand({ ...target(operation), MultipartUpload: { Parts } })))
        operation.uploadId = undefined
      }
      const { ContentLength } = await called(client.send(new HeadObjectCommand({ Bucket, Key: operation.key })))
      if (ContentLength !== operation.file.size) throw new UploadError('rejected', 'The object has another size.', { status: 409 })
      return undefined
    },
    async cancel(id) {
      const operation = must(id)
      if (operation.uploadId !== undefined) await client.send(new AbortMultipartUploadCommand(target(operation)))
      operation.uploadId = undefined
      return { operation_id: id, operation_type: 'upload', status: 'cancelled', progress: 0, timestamp: new Date().toISOString() }
    },
    retry: async (id) => ({ operation_id: id, attempt: 1, version: 1, plan: await plan(must(id)) }),
    snapshot: async () => ({ operations: [], cursor: '', more: false }),
  }

  const underWay = () => [...operations.values()].filter(({ uploadId }) => uploadId !== undefined)
  return {
    backend: () => backend,
    api: backend,
    signed,
    async sweep() {
      for (const operation of underWay()) await client.send(new AbortMultipartUploadCommand(target(operation)))
    },
    async pending() {
      const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket }))
      const keys = new Set([...operations.values()].map(({ key }) => key))
      return Uploads.filter(({ Key = '' }) => keys.has(Key)).length
    },
    async object(id) {
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: must(id).key }))
      return (await Body?.transformToByteArray()) ?? new Uint8Array()
    },
    close: () => client.destroy(),
  }
}

/** S3's refusals, as a server that signs for it would pass them on. */
async function called<T>(call: Promise<T>): Promise<T> {
  try {
    return await call
  } catch (cause) {
    const status = cause instanceof S3ServiceException ? cause.$metadata.httpStatusCode : undefined
    if (status === undefined || !(cause instanceof S3ServiceException)) throw new UploadError('network', 'S3 did not answer.', { cause })
    const retryable = cause.name === 'InvalidPart'
    throw new UploadError(status >= 500 ? 'server' : 'rejected', cause.name, { status, remoteCode: cause.name, retryable, cause })
  }
}

/**
 * What a page of another origin sees: no answer at all without CORS headers, as Ceph and S3 leave them away with a 403, and of the headers
 * only those that the bucket exposes.
 */
export function asPage(client: HttpClient): HttpClient {
  return {
    async send(request) {
      const response = await client.send({ ...request, headers: { ...request.headers, origin: 'https://app.example' } })
      if (response.header('access-control-allow-origin') === undefined) throw new UploadError('network', 'The connection was lost.')
      const exposed = (response.header('access-control-expose-headers') ?? '').toLowerCase().split(/\s*,\s*/)
      return { ...response, header: (name) => (exposed.includes(name) ? response.header(name) : undefined) }
    },
  }
}
