import { Refusal } from '../errors.js'

/** Code of a refusal that a fresh token helps against. */
export const TOKEN_EXPIRED = 'token_expired'

export function tokenExpired(): Refusal {
  return new Refusal(401, TOKEN_EXPIRED, 'Your session has expired. Sign in again.')
}

/** @param cause for the log of whoever looks why */
export function unauthorized(cause?: unknown): Refusal {
  return new Refusal(401, 'unauthorized', 'Sign in to do this.', { cause })
}

export function notGranted(): Refusal {
  return new Refusal(403, 'not_granted', 'The token that was given does not allow this.')
}
