import { createHash, timingSafeEqual } from 'node:crypto'
import { type Authorize, EVERYONE } from './authorize.js'

/** Lets in whoever sends `authorization: Bearer <token>`. All of them are one subject: they see each other's uploads. */
export function bearerToken(token: string): Authorize {
  const expected = digest(`Bearer ${token}`)
  return ({ request }) => (timingSafeEqual(expected, digest(request.headers.get('authorization') ?? '')) ? { subject: EVERYONE } : null)
}

/** Of one length whatever the text, so that comparing takes one time. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
