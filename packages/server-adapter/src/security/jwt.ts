import { createPublicKey, type KeyObject } from 'node:crypto'
import { isId } from '@upload-panel/core/protocol'
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  errors,
  type JSONWebKeySet,
  type JWTPayload,
  type JWTVerifyGetKey,
  type JWTVerifyResult,
  jwtVerify,
} from 'jose'
import { type Clock, systemClock } from '../clock.js'
import { Refusal } from '../errors.js'
import { type Authorize, EVERYONE } from './authorize.js'
import { tokenExpired, unauthorized } from './refusals.js'

/** Claims of a token that was verified. */
export type JwtClaims = JWTPayload

/** Who signs the tokens: exactly one of these. */
export type JwtKeys =
  /** Address of a key set, such as `https://login.example.com/.well-known/jwks.json`, which is fetched, kept for ten minutes and asked again for a key that is new; or a key set. */
  | { readonly jwks: string | URL | JSONWebKeySet | undefined; readonly secret?: never; readonly publicKey?: never }
  /** Shared with whoever signs (HS256 and its kin): at least 32 bytes. */
  | { readonly secret: string | Uint8Array | undefined; readonly jwks?: never; readonly publicKey?: never }
  /** PEM of a public key or a certificate. */
  | { readonly publicKey: string | undefined; readonly jwks?: never; readonly secret?: never }

/** Options of {@link jwt}. */
export type JwtOptions = JwtKeys & {
  /** `iss` of the tokens, or one of several. */
  readonly issuer: string | readonly string[] | undefined
  /** `aud` that has to be among theirs, or one of several. */
  readonly audience: string | readonly string[] | undefined
  /** Narrows the algorithms. @default all that the kind of key has; never `none` */
  readonly algorithms?: readonly string[]
  /** Whose a token is; `undefined` refuses it. @default its `sub` */
  readonly subject?: (claims: JwtClaims) => string | undefined
  /** Cookie that has the token where there is no `authorization: Bearer` header. @default none */
  readonly cookie?: string
  /** How far the issuer's clock may be off, seconds. @default 5 */
  readonly clockToleranceS?: number
  /** @default the machine's */
  readonly clock?: Clock
}

const HMAC = ['HS256', 'HS384', 'HS512']
const RSA = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']
const EC = { prime256v1: 'ES256', secp384r1: 'ES384', secp521r1: 'ES512' }
const EDDSA = ['EdDSA', 'Ed25519']
const MIN_SECRET_BYTES = 32
/** Longest token that is read, characters: more than fits into the headers of a request. */
const MAX_TOKEN_LENGTH = 16_384
/** How long keys are still good when their server cannot be asked, milliseconds: its restart must not sign everyone out. */
const MAX_STALE_MS = 60 * 60_000

/**
 * An `authorize` for JSON Web Tokens, with `jose`. A token says who somebody is and until when; subscriptions end when it does.
 *
 * Answers 401 `token_expired` to one that is too old, at which clients ask their `headers` function for a fresh one once; 401 `unauthorized` to any
 * other that is not good; and 503 `keys_unavailable` while the key set cannot be fetched.
 *
 * @example
 * createSyncServer({ authorize: jwt({ issuer: 'https://login.example.com/', audience: 'uploads', jwks: 'https://login.example.com/jwks.json' }), … })
 * @throws `TypeError` where an option is missing, or makes no sense
 */
export function jwt(options: JwtOptions): Authorize {
  const { issuer, audience, subject = ({ sub }) => sub, cookie, clockToleranceS = 5, clock = systemClock } = options
  if (!issuer?.length || !audience?.length)
    throw new TypeError('jwt() needs the issuer and the audience of the tokens. Are the variables set from which they come?')
  const { possible, key } = readKeys(options, clock)
  const algorithms = options.algorithms ?? possible
  const strange = algorithms.find((algorithm) => !possible.includes(algorithm))
  if (strange !== undefined || algorithms.length === 0)
    throw new TypeError(
      `jwt() cannot verify ${strange ?? 'anything without an algorithm'} with this kind of key; it can: ${possible.join(', ')}.`,
    )

  const rules = {
    issuer: [...listOf(issuer)],
    audience: [...listOf(audience)],
    algorithms: [...algorithms],
    clockTolerance: clockToleranceS,
    requiredClaims: ['exp'],
  }

  return async ({ request }) => {
    const token = tokenOf(request, cookie)
    if (token === undefined) return null
    const { payload } = await verify(token, key, { ...rules, currentDate: new Date(clock.now()) })
    const whose = subject(payload)
    if (!isId(whose)) throw unauthorized('The token names no subject of 1 to 200 characters.')
    // What nobody was named for belongs to that subject: a person may not call himself so.
    if (whose === EVERYONE) throw unauthorized('The token names no person.')
    // So long it is let in: what was opened in its last moment must not end at once, or it would be opened again and again.
    return { subject: whose, expiresAtMs: ((payload.exp ?? 0) + clockToleranceS) * 1000 }
  }
}

type Rules = Parameters<typeof jwtVerify>[2]

async function verify(token: string, key: Key, rules: Rules): Promise<JWTVerifyResult> {
  try {
    return await (typeof key === 'function' ? verifyByKeySet(token, key, rules) : jwtVerify(token, key, rules))
  } catch (error) {
    if (error instanceof Refusal) throw error
    if (error instanceof errors.JWTExpired) throw tokenExpired()
    throw unauthorized(error)
  }
}

/** A token without `kid` may be of any key of its kind. */
async function verifyByKeySet(token: string, keySet: JWTVerifyGetKey, rules: Rules): Promise<JWTVerifyResult> {
  try {
    return await jwtVerify(token, keySet, rules)
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error
    for await (const key of error) {
      try {
        return await jwtVerify(token, key, rules)
      } catch (failure) {
        if (!(failure instanceof errors.JWSSignatureVerificationFailed)) throw failure
      }
    }
    throw error
  }
}

type Key = Uint8Array | KeyObject | JWTVerifyGetKey

/** The key, and the algorithms that go with it: no public key is ever taken for a secret. */
function readKeys({ jwks, secret, publicKey }: JwtOptions, clock: Clock): { readonly key: Key; readonly possible: readonly string[] } {
  if ([jwks, secret, publicKey].filter((given) => given !== undefined).length !== 1)
    throw new TypeError('jwt() needs exactly one of jwks, secret and publicKey. Is the variable set from which it comes?')
  if (secret !== undefined) {
    const key = typeof secret === 'string' ? new TextEncoder().encode(secret) : secret
    if (key.length < MIN_SECRET_BYTES) throw new TypeError(`The secret of jwt() must have at least ${MIN_SECRET_BYTES} bytes.`)
    return { key, possible: HMAC }
  }
  if (publicKey !== undefined) {
    const key = createPublicKey(publicKey)
    return { key, possible: algorithmsOf(key) }
  }
  const possible = [...RSA, ...Object.values(EC), ...EDDSA]
  const isAddress = typeof jwks === 'string' || jwks instanceof URL
  return { key: isAddress ? remoteKeys(new URL(jwks), clock) : createLocalJWKSet(jwks ?? { keys: [] }), possible }
}

function algorithmsOf({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): readonly string[] {
  if (type === 'rsa') return RSA
  if (type === 'ed25519') return EDDSA
  const curve = Object.entries(EC).find(([name]) => name === details?.namedCurve)
  if (type === 'ec' && curve !== undefined) return [curve[1]]
  throw new TypeError(`jwt() cannot use a public key of the type ${type ?? 'unknown'}.`)
}

function remoteKeys(url: URL, clock: Clock): JWTVerifyGetKey {
  const remote = createRemoteJWKSet(url)
  let heardAt = Number.NEGATIVE_INFINITY
  return async (header, token) => {
    try {
      const key = await remote(header, token)
      heardAt = clock.now()
      return key
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) throw error
      const known = clock.now() - heardAt < MAX_STALE_MS ? remote.jwks() : undefined
      if (known !== undefined) {
        const key = await createLocalJWKSet(known)(header, token).catch(() => undefined)
        if (key !== undefined) return key
      }
      // Not the fault of whoever asks: with a 401 he would be told to sign in again.
      throw new Refusal(503, 'keys_unavailable', 'It cannot be verified at the moment who you are. Try again soon.', {
        retryable: true,
        cause: error,
      })
    }
  }
}

function tokenOf({ headers }: Request, cookie: string | undefined): string | undefined {
  const [, bearer] = /^Bearer +([^\s]+)$/i.exec(headers.get('authorization') ?? '') ?? []
  const token = bearer ?? (cookie === undefined ? undefined : cookieOf(headers.get('cookie') ?? '', cookie))
  return token !== undefined && token.length <= MAX_TOKEN_LENGTH ? token : undefined
}

function cookieOf(header: string, name: string): string | undefined {
  const pair = header.split(';').find((part) => part.trim().startsWith(`${name}=`))
  return pair?.trim().slice(name.length + 1)
}

function listOf(value: string | readonly string[]): readonly string[] {
  return typeof value === 'string' ? [value] : value
}
