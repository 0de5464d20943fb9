import { randomBytes, timingSafeEqual } from 'node:crypto'

/** Who may sign in: an example has no better place for it. */
const PASSWORDS = new Map([
  ['anna', 'correct horse'],
  ['bert', 'battery staple'],
])

/** Who is signed in, by bearer tokens that last as long as the process. */
export function createSessions() {
  /** @type {Map<string, string>} */
  const users = new Map()
  return {
    /**
     * A token, or `undefined` where the password is wrong.
     *
     * @param {string} name
     * @param {string} password
     */
    signIn(name, password) {
      const expected = PASSWORDS.get(name)
      if (expected === undefined || !isSame(expected, password)) return undefined
      const token = randomBytes(24).toString('base64url')
      users.set(token, name)
      return token
    },
    /**
     * Whose a request is, by its `authorization` header.
     *
     * @param {string | null | undefined} authorization
     */
    userOf: (authorization) => users.get(/^Bearer (\S+)$/.exec(authorization ?? '')?.[1] ?? ''),
  }
}

/** @param {string} expected @param {string} given */
function isSame(expected, given) {
  const [a, b] = [Buffer.from(expected), Buffer.from(given)]
  return a.length === b.length && timingSafeEqual(a, b)
}
