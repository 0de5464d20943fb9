import { UploadError } from '../errors.js'

/** Headers for calls of ours: fixed, or asked for each call. `attempt` is 2 when the server did not accept the first ones. */
export type HeadersOption =
  | Readonly<Record<string, string>>
  | ((call: {
      readonly origin: string
      readonly attempt: number
    }) => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>)

/** The headers of one call. A hook that throws is an `auth` failure: it usually could not get a token. */
export async function headersFor(
  headers: HeadersOption | undefined,
  origin: string,
  attempt: number,
): Promise<Readonly<Record<string, string>>> {
  if (typeof headers !== 'function') return headers ?? {}
  try {
    return await headers({ origin, attempt })
  } catch (cause) {
    throw new UploadError('auth', 'The credentials for the upload server could not be fetched.', { cause })
  }
}
