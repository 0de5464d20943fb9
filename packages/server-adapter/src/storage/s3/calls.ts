import { Refusal } from '../../errors.js'
import type { Logger } from '../../logger.js'
import { missingBytes, otherBytes, wrongBytes } from '../refusals.js'

/**
 * Makes one request to S3. Answers `undefined` where S3 says that the object or the upload does not exist, and refuses in the terms of the
 * wire where it fails. `permission` is what S3 calls it: the operator is told, the client is not.
 */
export type S3Call = <T>(permission: string, send: () => Promise<T>) => Promise<T | undefined>

/** What S3 answered, as far as failures are told apart. By name, never by class: there may be two copies of the SDK. */
interface Failure {
  readonly code: string
  readonly status: number | undefined
  readonly message: string
  /** No answer came, and none may have been possible. */
  readonly isBrokenLine: boolean
}

/** The last one is of a read: it is another object since. */
const MISSING = new Set(['NoSuchUpload', 'NoSuchKey', 'NotFound', 'PreconditionFailed'])
const BUSY = new Set(['SlowDown', 'ServiceUnavailable', 'Throttling', 'ThrottlingException', 'RequestLimitExceeded', 'OperationAborted'])
/** S3 was not even asked. */
const WITHOUT_CREDENTIALS = new Set(['CredentialsProviderError', 'ProviderError', 'TokenProviderError'])

export function createS3Call(bucket: string, logger: Logger): S3Call {
  return async (permission, send) => {
    try {
      return await send()
    } catch (cause) {
      const failure = readFailure(cause)
      const { code, status } = failure
      if (MISSING.has(code)) return undefined
      // Of `complete`: what was listed a moment ago has been sent again since.
      if (code === 'InvalidPart') throw missingBytes('A part was replaced while the upload was being completed. Complete it again.')
      if (code === 'EntityTooSmall') throw wrongBytes('The parts of this upload are smaller than its storage takes.')
      if (code === 'BadDigest' || code === 'XAmzContentChecksumMismatch') throw otherBytes()
      if (BUSY.has(code) || status === 429 || status === 503) {
        throw new Refusal(503, 'storage_busy', 'The storage has too much to do. Try again in a moment.', { retryable: true, cause })
      }
      if (isMisconfigured(failure)) logger.error(adviceOn(failure, permission, bucket))
      else logger.warn(`S3 did not answer ${permission} on the bucket "${bucket}".`, failure)
      throw new Refusal(502, 'storage_unavailable', 'The storage of this server cannot be used at the moment.', { retryable: true, cause })
    }
  }
}

/** Whether a failure stays until somebody does something about it. What is neither an answer nor a broken line is the SDK's own: a region that is missing. */
export function isMisconfigured({ code, status, isBrokenLine }: Failure): boolean {
  if (WITHOUT_CREDENTIALS.has(code)) return true
  return status === undefined ? !isBrokenLine : status >= 300 && status < 500 && status !== 408 && status !== 429
}

/** What an operator can do about it. */
export function adviceOn({ code, status, message }: Failure, permission: string, bucket: string): string {
  if (WITHOUT_CREDENTIALS.has(code)) return 'There are no credentials for S3: give `credentials`, or what the AWS SDK looks for by itself.'
  if (status === undefined) return `S3 could not be asked for the bucket "${bucket}": ${message}`
  const said = `S3 refused ${permission} on the bucket "${bucket}" (${[code, status].filter(Boolean).join(', ')})`
  if (code === 'NoSuchBucket') return `${said}: there is no such bucket at this endpoint.`
  if (code === 'PermanentRedirect' || code === 'AuthorizationHeaderMalformed') return `${said}: the bucket is in another region.`
  if (code === 'SignatureDoesNotMatch' || code === 'InvalidAccessKeyId') return `${said}: the credentials are not valid here.`
  if (code === 'RequestTimeTooSkewed') return `${said}: the clock of this machine is wrong.`
  return `${said}: check that the policy of its credentials allows it, and that the bucket is the right one.`
}

export function readFailure(error: unknown): Failure {
  if (!(error instanceof Error)) return { code: 'UnknownError', status: undefined, message: String(error), isBrokenLine: false }
  const metadata: unknown = '$metadata' in error ? error.$metadata : undefined
  const status = typeof metadata === 'object' && metadata !== null && 'httpStatusCode' in metadata ? metadata.httpStatusCode : undefined
  // Node's errors of sockets and names have a code; the SDK's of time have a name.
  const isBrokenLine = 'code' in error || error.name === 'TimeoutError' || error.name === 'AbortError'
  return { code: error.name, status: typeof status === 'number' ? status : undefined, message: error.message, isBrokenLine }
}
