import { UploadError } from '../../errors.js'

/** Headers for calls of ours: fixed, or asked for each call. `attempt` is 2 when the server did not accept the first ones. */
export type HeadersOption =
  | Readonly<Record<string, string>>
  | ((call: {
      readonly origin: string
      readonly attempt: number
    }) => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>)

/**
 * The headers of one call. A hook that throws is an `auth` failure: it usually could not get a token.
 * Rejects with the signal's reason as soon as it is aborted: a hook that never answers must not hold up the call for ever.
 */
export async function headersFor(
  headers: HeadersOption | undefined,
  origin: string,
  attempt: number,
  signal: AbortSignal,
): Promise<Readonly<Record<string, string>>> {
  if (typeof headers !== 'function') return headers ?? {}
  signal.throwIfAborted()
  let stopListening = () => {}
  const aborted = new Promise<never>((_resolve, reject) => {
    const onAbort = () => reject(signal.reason)
    signal.addEventListener('abort', onAbort)
    stopListening = () => signal.removeEventListener('abort', onAbort)
  })
  try {
    return await Promise.race([aborted, headers({ origin, attempt })])
  } catch (cause) {
    if (signal.aborted) throw signal.reason
    throw new UploadError('auth', 'The credentials for the upload server could not be fetched.', { cause })
  } finally {
    stopListening()
  }
}
