import { createHmac, randomBytes } from 'node:crypto'
import { isId } from '@upload-panel/core/protocol'
import { errors, jwtVerify, SignJWT } from 'jose'
import type { Clock } from '../clock.js'
import type { Logger } from '../logger.js'
import { tokenExpired, unauthorized } from './refusals.js'

/** What a subscribe token allows: to follow these, and to ask how they stand. */
export interface SubscribeGrant {
  readonly subject: string
  /** Everything that the subject may see. */
  readonly all: boolean
  readonly jobIds: readonly string[]
  readonly operationIds: readonly string[]
  /** Milliseconds since the epoch: what was opened with it ends then. */
  readonly expiresAtMs: number
}

export interface SubscribeTokens {
  /** Makes a token for what is granted. It ends with the permission that it was asked for with, if not before. */
  issue(grant: Omit<SubscribeGrant, 'expiresAtMs'> & { readonly expiresAtMs?: number }): Promise<{ token: string; expiresAtMs: number }>
  /**
   * What a request is granted by the token that it brings along, in its address or in the place of a bearer token; `undefined` where it brings none.
   * Refuses with 401 what is not ours (`unauthorized`) or too old (`token_expired`).
   */
  read(request: Request): Promise<SubscribeGrant | undefined>
}

export interface SubscribeTokensOptions {
  /** The same on all nodes. Random where there is none: then a token is good for this process alone. */
  readonly secret: string | undefined
  /** Whether there may be other nodes. */
  readonly isShared: boolean
  readonly clock: Clock
  readonly logger: Pick<Logger, 'warn'>
  readonly expiresMs: number
}

/** Parameter of an address that carries a token: for those that cannot send headers. */
const SUBSCRIBE_TOKEN_PARAMETER = 'subscribe_token'

/** Tells ours from the tokens of whoever else looks at `authorization`. */
const PREFIX = 'upsub_'
const BEARER = `Bearer ${PREFIX}`
/** Neither the key nor the type nor the audience is that of any other token. */
const TYPE = 'upload-panel-subscribe+jwt'
const AUDIENCE = 'upload-panel:subscribe'
const ALGORITHM = 'HS256'

export function createSubscribeTokens({ secret, isShared, clock, logger, expiresMs }: SubscribeTokensOptions): SubscribeTokens {
  const key = secret === undefined ? randomBytes(32) : createHmac('sha256', secret).update('upload-panel subscribe tokens').digest()

  let isWarned = false
  function warnOnce(): void {
    if (isWarned || secret !== undefined || !isShared) return
    isWarned = true
    logger.warn('Subscribe tokens are good for this process alone. Where others answer requests, too, give all of them the same `secret`.')
  }

  return {
    async issue({ subject, all, jobIds, operationIds, expiresAtMs = Infinity }) {
      warnOnce()
      const expiresAtS = Math.floor(Math.min(clock.now() + expiresMs, expiresAtMs) / 1000)
      const jwt = await new SignJWT({ all, jobs: jobIds, operations: operationIds })
        .setProtectedHeader({ alg: ALGORITHM, typ: TYPE })
        .setSubject(subject)
        .setAudience(AUDIENCE)
        .setExpirationTime(expiresAtS)
        .sign(key)
      return { token: PREFIX + jwt, expiresAtMs: expiresAtS * 1000 }
    },

    async read(request) {
      const token = tokenOf(request)
      if (token === undefined) return undefined
      try {
        const { payload } = await jwtVerify(token, key, {
          algorithms: [ALGORITHM],
          typ: TYPE,
          audience: AUDIENCE,
          requiredClaims: ['sub', 'exp'],
          currentDate: new Date(clock.now()),
        })
        const { sub: subject = '', exp = 0, all, jobs, operations } = payload
        return { subject, all: all === true, jobIds: idsOf(jobs), operationIds: idsOf(operations), expiresAtMs: exp * 1000 }
      } catch (error) {
        if (error instanceof errors.JWTExpired) throw tokenExpired()
        throw unauthorized(error)
      }
    },
  }
}

function tokenOf({ url, headers }: Request): string | undefined {
  const bearer = headers.get('authorization')
  if (bearer?.startsWith(BEARER)) return bearer.slice(BEARER.length)
  return url.includes(SUBSCRIBE_TOKEN_PARAMETER) ? inAddress(new URL(url)) : undefined
}

/** A token that was given is looked at, also one that cannot be ours: who means to use one must not be let in as somebody else. */
function inAddress({ searchParams }: URL): string | undefined {
  const token = searchParams.get(SUBSCRIBE_TOKEN_PARAMETER)
  if (token === null) return undefined
  return token.startsWith(PREFIX) ? token.slice(PREFIX.length) : ''
}

function idsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter(isId) : []
}
