import { S3Client } from '@aws-sdk/client-s3'

/** Where an S3 server is, and who may write there. */
export interface S3Access {
  /** Without a slash at the end. */
  readonly endpoint: string
  readonly region: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/** A client as whoever signs for browsers needs it. Its signatures hold for the endpoint's host and port: behind a proxy sign for the proxy's. */
export const s3Client = ({ endpoint, region, accessKeyId, secretAccessKey }: S3Access): S3Client =>
  new S3Client({
    endpoint,
    region,
    credentials: { accessKeyId, secretAccessKey },
    forcePathStyle: true,
    // Else a presigned URL demands the checksum of an empty body.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  })
