import { PutObjectCommand, type S3Client, UploadPartCommand } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { parseChecksum } from '@upload-panel/core/protocol'
import type { Clock } from '../../clock.js'
import { sizeOfPart, type StorageTarget } from '../object-storage.js'
import type { S3Keys } from './keys.js'

/** An address, and the headers that were signed with it: they have to come with the bytes. */
export interface SignedRequest {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
}

/** Addresses that let their holder send these bytes, of this length and with this checksum, and nothing else. Makes no request. */
export interface S3Signing {
  /** The whole file, where none is yet. */
  put(target: StorageTarget): Promise<SignedRequest>
  /** @param checksum as the wire has it: `crc32c:…` */
  part(target: StorageTarget, uploadId: string, partNumber: number, checksum?: string): Promise<SignedRequest>
}

export interface S3SigningOptions {
  /** What the addresses are for: its endpoint is the one that clients reach. */
  readonly signer: S3Client
  readonly bucket: string
  readonly keys: S3Keys
  readonly clock: Clock
  readonly expiresInS: number
}

/** A field of S3's commands, and the header that it becomes. */
const CHECKSUMS = {
  crc32c: ['ChecksumCRC32C', 'x-amz-checksum-crc32c'],
  sha256: ['ChecksumSHA256', 'x-amz-checksum-sha256'],
} as const

export function createS3Signing({ signer, bucket: Bucket, keys, clock, expiresInS }: S3SigningOptions): S3Signing {
  const options = (headers: Readonly<Record<string, string>>) => ({
    expiresIn: expiresInS,
    signingDate: new Date(clock.now()),
    // As a header, not in the URL: that is where every S3 looks for it.
    unhoistableHeaders: new Set(Object.keys(headers)),
  })

  return {
    async put(target) {
      const { fields, headers } = checksumOf(target.checksum)
      // "Uploads the object only if the object key name does not already exist": an address that is still good replaces nothing.
      const conditional = { ...headers, 'if-none-match': '*' }
      const command = new PutObjectCommand({
        Bucket,
        Key: keys.of(target.operationId),
        ContentLength: target.size,
        IfNoneMatch: '*',
        ...fields,
      })
      return { url: await getSignedUrl(signer, command, options(conditional)), headers: conditional }
    },
    async part(target, UploadId, PartNumber, checksum) {
      const { fields, headers } = checksumOf(checksum)
      const Key = keys.of(target.operationId)
      const command = new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, ContentLength: sizeOfPart(target, PartNumber), ...fields })
      return { url: await getSignedUrl(signer, command, options(headers)), headers }
    },
  }
}

function checksumOf(text: string | undefined): { readonly fields: object; readonly headers: Readonly<Record<string, string>> } {
  const checksum = parseChecksum(text)
  if (checksum === undefined) return { fields: {}, headers: {} }
  const [field, header] = CHECKSUMS[checksum.algorithm]
  return { fields: { [field]: checksum.digest }, headers: { [header]: checksum.digest } }
}
