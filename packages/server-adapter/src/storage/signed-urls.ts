import { createHmac, timingSafeEqual } from 'node:crypto'
import { Refusal } from '../errors.js'
import type { StorageTarget } from './object-storage.js'
import { sizeOfPart } from './object-storage.js'

/** What one signed URL allows: these bytes of this upload, at this place, until then, and nothing else. */
export interface Grant {
  readonly operationId: string
  /** From 1. */
  readonly partNumber: number
  /** Where the part begins in the object, bytes. */
  readonly offset: number
  /** Bytes that must come, no more and no fewer. */
  readonly size: number
  /** Seconds since the epoch. */
  readonly expiresAtS: number
  /** What the bytes must have, as it is written on the wire. */
  readonly checksum?: string
}

/** Prefix of the paths that this storage answers, relative to the mount. */
export const STORAGE_PREFIX = 'storage/'

const METHOD = 'PUT'
const OPERATION_ID = /^[A-Za-z0-9_-]{1,200}$/
const COUNT = /^(0|[1-9]\d{0,15})$/

/** A URL, relative to the mount, that lets its holder send one part, with this checksum where one is given. */
export function signUrl(secret: string, target: StorageTarget, partNumber: number, expiresAtS: number, checksum?: string): string {
  const grant: Grant = {
    operationId: target.operationId,
    partNumber,
    offset: (partNumber - 1) * target.partBytes,
    size: sizeOfPart(target, partNumber),
    expiresAtS,
    ...(checksum !== undefined && { checksum }),
  }
  const query = new URLSearchParams({
    part: String(grant.partNumber),
    offset: String(grant.offset),
    size: String(grant.size),
    expires: String(grant.expiresAtS),
    ...(checksum !== undefined && { checksum }),
    signature: sign(secret, grant),
  })
  return `${STORAGE_PREFIX}${grant.operationId}?${query}`
}

/** Reads a signed URL. Refuses what was not signed here (`url_invalid`) and what is too old (`url_expired`). */
export function readGrant(secret: string, method: string, operationId: string, query: URLSearchParams, nowMs: number): Grant {
  const count = (name: string) => {
    const text = query.get(name) ?? ''
    return COUNT.test(text) ? Number(text) : Number.NaN
  }
  const checksum = query.get('checksum')
  const grant: Grant = {
    operationId,
    partNumber: count('part'),
    offset: count('offset'),
    size: count('size'),
    expiresAtS: count('expires'),
    ...(checksum !== null && { checksum }),
  }
  const isGenuine = method === METHOD && OPERATION_ID.test(operationId) && isEqual(sign(secret, grant), query.get('signature') ?? '')
  if (!isGenuine) throw new Refusal(403, 'url_invalid', 'This address was not given out by this server, or was changed since.')
  if (grant.expiresAtS * 1000 <= nowMs) {
    throw new Refusal(403, 'url_expired', 'This address has expired. Ask for a new one.', { retryable: true })
  }
  return grant
}

/** "A signed URL binds method, operation, part, size and expiry", and the checksum where it has one. */
function sign(secret: string, { operationId, partNumber, offset, size, expiresAtS, checksum }: Grant): string {
  const bound = [METHOD, operationId, partNumber, offset, size, expiresAtS, ...(checksum === undefined ? [] : [checksum])]
  return createHmac('sha256', secret).update(bound.join('\n')).digest('base64url')
}

/** Takes as long for a near miss as for a wild guess. */
function isEqual(expected: string, given: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(given)]
  return a.length === b.length && timingSafeEqual(a, b)
}
