import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3'

/** How S3 is reached. */
export interface S3Access extends Pick<S3ClientConfig, 'region' | 'endpoint' | 'credentials' | 'forcePathStyle'> {
  /** A client of your own, in place of `region`, `endpoint`, `credentials` and `forcePathStyle`. It needs `requestChecksumCalculation: 'WHEN_REQUIRED'`, and stays yours to destroy. */
  readonly client?: S3Client
  /** Where clients reach S3, if that is another address than this server's. @default the endpoint */
  readonly publicEndpoint?: string
}

/** The client that makes requests, and the one whose addresses go out to clients. */
export interface S3Clients {
  readonly client: S3Client
  readonly signer: S3Client
  /** Ends what was made here. */
  destroy(): void
}

/** S3 sends a byte now and then while it puts a large object together: a connection that is silent for this long is dead, milliseconds. */
const SILENCE_MS = 300_000
const CONNECT_MS = 10_000

export function createS3Clients({ client: given, publicEndpoint, region, endpoint, credentials, forcePathStyle }: S3Access): S3Clients {
  const client =
    given ??
    new S3Client({
      ...(region !== undefined && { region }),
      ...(endpoint !== undefined && { endpoint }),
      ...(credentials !== undefined && { credentials }),
      ...(forcePathStyle !== undefined && { forcePathStyle }),
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      requestHandler: { connectionTimeout: CONNECT_MS, socketTimeout: SILENCE_MS },
    })
  const { config } = client
  const signer =
    publicEndpoint === undefined
      ? client
      : new S3Client({
          region: config.region,
          credentials: config.credentials,
          forcePathStyle: config.forcePathStyle,
          endpoint: publicEndpoint,
          requestChecksumCalculation: 'WHEN_REQUIRED',
        })
  return {
    client,
    signer,
    destroy() {
      if (signer !== client) signer.destroy()
      if (given === undefined) client.destroy()
    },
  }
}
