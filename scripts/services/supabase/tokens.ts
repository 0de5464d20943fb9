import { compactVerify, errors } from 'jose'
import { asText, isObject, type JsonObject, parseJson } from './json.ts'

export interface Claims extends JsonObject {
  readonly role: string
  /** In seconds. */
  readonly exp: number
}

export type CheckedToken =
  | { readonly isValid: true; readonly claims: Claims }
  | { readonly isValid: false; readonly code: string; readonly reason: string; readonly isExpired?: true }

const refused = (code: string, reason: string): CheckedToken => ({ isValid: false, code, reason })

/** Checks a token and says what is wrong with it in the server's words. */
export async function checkToken(token: string, secret: string): Promise<CheckedToken> {
  let claims: unknown
  try {
    const { payload } = await compactVerify(token, new TextEncoder().encode(secret), { algorithms: ['HS256'] })
    claims = parseJson(new TextDecoder().decode(payload))
  } catch (error) {
    const isForeign = error instanceof errors.JWSSignatureVerificationFailed || error instanceof errors.JOSEAlgNotAllowed
    return isForeign
      ? refused('JwtSignatureError', 'Failed to validate JWT signature')
      : refused('MalformedJWT', 'The token provided is not a valid JWT')
  }
  if (!isObject(claims)) return refused('MalformedJWT', 'The token provided is not a valid JWT')
  const role = asText(claims['role'])
  const exp = claims['exp']
  if (role === undefined || typeof exp !== 'number') return refused('InvalidJWTToken', 'Fields `role` and `exp` are required in JWT')
  if (exp * 1000 <= Date.now()) return { isValid: false, code: 'InvalidJWTToken', reason: expiredSince(exp), isExpired: true }
  return { isValid: true, claims: { ...claims, role, exp } }
}

export const expiredSince = (exp: number): string => `Token has expired ${Math.max(0, Math.floor(Date.now() / 1000 - exp))} seconds ago`

/** Keys of the platform are for connections; a channel that is given one is as well off with none. */
export const isUserToken = (token: unknown): token is string => typeof token === 'string' && !token.startsWith('sb_')
