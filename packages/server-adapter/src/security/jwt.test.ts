import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, type JSONWebKeySet, SignJWT, UnsecuredJWT } from 'jose'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { manualClock } from '../testing/manual-clock.js'
import { jwt, type JwtOptions } from './jwt.js'

const ISSUER = 'https://login.example.com/'
const AUDIENCE = 'uploads'
const NOW_S = Date.parse('2026-01-01T00:00:00Z') / 1000
const SECRET = 'a secret of forty characters, or somewhat more'
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const otherRsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const ed = generateKeyPairSync('ed25519')
const pemOf = (key: KeyObject) => String(key.export({ type: 'spki', format: 'pem' }))

interface Signed {
  readonly key?: KeyObject | Uint8Array
  readonly alg?: string
  readonly kid?: string
  readonly claims?: Record<string, unknown>
}

/** A good token, but for what is said otherwise. */
function sign({ key = new TextEncoder().encode(SECRET), alg = 'HS256', kid, claims = {} }: Signed = {}): Promise<string> {
  const good = { iss: ISSUER, aud: AUDIENCE, sub: 'anna', exp: NOW_S + 600 }
  return new SignJWT({ ...good, ...claims }).setProtectedHeader({ alg, ...(kid !== undefined && { kid }) }).sign(key)
}

type Keys = { secret: string } | { publicKey: string } | { jwks: string | URL | JSONWebKeySet }

function setUp(options: Partial<JwtOptions> & Partial<Keys> = {}) {
  const clock = manualClock()
  const hasKeys = ['secret', 'publicKey', 'jwks'].some((name) => name in options)
  const authorize = jwt({ issuer: ISSUER, audience: AUDIENCE, clock, ...(!hasKeys && { secret: SECRET }), ...options } as JwtOptions)
  const ask = async (headers: Record<string, string>) =>
    authorize({ request: new Request('http://server/', { headers }), action: 'create' })
  return { clock, ask, show: (token: string) => ask({ authorization: `Bearer ${token}` }) }
}

const refused = { status: 401, code: 'unauthorized' }

describe('a token', () => {
  test('that is good says whose it is, and until when it is let in', async () => {
    expect(await setUp().show(await sign())).toEqual({ subject: 'anna', expiresAtMs: (NOW_S + 605) * 1000 })
  })

  test.each([
    ['signed with another secret', { key: Buffer.alloc(40) }],
    ['of another issuer', { claims: { iss: 'https://evil.example/' } }],
    ['of no issuer', { claims: { iss: undefined } }],
    ['for somebody else', { claims: { aud: 'mail' } }],
    ['for nobody', { claims: { aud: undefined } }],
    ['that never ends', { claims: { exp: undefined } }],
    ['that ends at no time', { claims: { exp: 'tomorrow' } }],
    ['that is not good yet', { claims: { nbf: NOW_S + 60 } }],
    ['of nobody', { claims: { sub: undefined } }],
    ['of somebody whose name is none', { claims: { sub: 'an\nna' } }],
    ['of somebody whose name is endless', { claims: { sub: 'a'.repeat(201) } }],
  ] satisfies [string, Signed][])('%s is refused', async (_what, signed) => {
    await expect(setUp().show(await sign(signed))).rejects.toMatchObject(refused)
  })

  test('that is too old is refused in a way that asks for a fresh one, a tolerance after its end', async () => {
    const { clock, show } = setUp()
    const token = await sign({ claims: { exp: NOW_S + 10 } })
    clock.advance(14_999)
    expect(await show(token)).toMatchObject({ subject: 'anna' })
    clock.advance(1)
    await expect(show(token)).rejects.toMatchObject({ status: 401, code: 'token_expired' })
  })

  test('that is too old and forged is refused like any forged one', async () => {
    await expect(setUp().show(await sign({ key: Buffer.alloc(40), claims: { exp: NOW_S - 60 } }))).rejects.toMatchObject(refused)
  })

  test('that was changed is refused', async () => {
    const [head, , signature] = (await sign()).split('.')
    const body = Buffer.from(JSON.stringify({ iss: ISSUER, aud: AUDIENCE, sub: 'bert', exp: NOW_S + 600 })).toString('base64url')
    await expect(setUp().show(`${head}.${body}.${signature}`)).rejects.toMatchObject(refused)
  })

  test('without a signature is refused', async () => {
    const claims = { iss: ISSUER, aud: AUDIENCE, sub: 'anna', exp: NOW_S + 600 }
    await expect(setUp().show(new UnsecuredJWT(claims).encode())).rejects.toMatchObject(refused)
  })

  test.each(['a.b.c', '..', 'x', `${'x'.repeat(9000)}.y.z`])('that is none is refused: %.20s', async (token) => {
    await expect(setUp().show(token)).rejects.toMatchObject(refused)
  })

  test('that does not come is nobody’s', async () => {
    const { ask } = setUp()
    const token = await sign()
    const headers = ['', `Basic ${token}`, `Bearer ${token} and more`, `Bearer ${'x'.repeat(20_000)}`, `Bearer ${token}, Bearer ${token}`]
    for (const authorization of headers) expect(await ask({ authorization })).toBeNull()
    expect(await ask({ cookie: `session=${token}` })).toBeNull()
  })

  test('in a cookie counts where that is said, after the header', async () => {
    const { ask } = setUp({ cookie: 'session' })
    const token = await sign()
    expect(await ask({ cookie: `other=1; session=${token}; last=2` })).toMatchObject({ subject: 'anna' })
    expect(await ask({ cookie: `xsession=${token}` })).toBeNull()
    const cookie = `session=${await sign({ claims: { sub: 'bert' } })}`
    expect(await ask({ authorization: `Bearer ${token}`, cookie })).toMatchObject({ subject: 'anna' })
  })

  test('names its subject in another claim where that is said', async () => {
    const { show } = setUp({ subject: ({ email }) => (typeof email === 'string' ? email : undefined) })
    expect(await show(await sign({ claims: { email: 'anna@example.com' } }))).toMatchObject({ subject: 'anna@example.com' })
    await expect(show(await sign())).rejects.toMatchObject(refused)
  })

  test('is nobody who calls himself everyone: what has no owner is not his', async () => {
    await expect(setUp().show(await sign({ claims: { sub: 'everyone' } }))).rejects.toMatchObject(refused)
  })
})

describe('a public key', () => {
  test.each([
    ['RSA', 'RS256', rsa],
    ['RSA', 'PS512', rsa],
    ['an elliptic curve', 'ES256', ec],
    ['Ed25519', 'EdDSA', ed],
  ] as const)('of %s verifies %s', async (_kind, alg, { publicKey, privateKey }) => {
    expect(await setUp({ publicKey: pemOf(publicKey) }).show(await sign({ key: privateKey, alg }))).toMatchObject({ subject: 'anna' })
  })

  test('is never taken for a secret', async () => {
    const pem = pemOf(rsa.publicKey)
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const claims = { iss: ISSUER, aud: AUDIENCE, sub: 'anna', exp: NOW_S + 600 }
    const signed = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`
    const signature = createHmac('sha256', pem).update(signed).digest('base64url')
    await expect(setUp({ publicKey: pem }).show(`${signed}.${signature}`)).rejects.toMatchObject(refused)
  })

  test('verifies nothing of another key, of another kind, or by another algorithm than is allowed', async () => {
    const { show } = setUp({ publicKey: pemOf(rsa.publicKey), algorithms: ['RS256'] })
    await expect(show(await sign({ key: otherRsa.privateKey, alg: 'RS256' }))).rejects.toMatchObject(refused)
    await expect(show(await sign({ key: ec.privateKey, alg: 'ES256' }))).rejects.toMatchObject(refused)
    await expect(show(await sign({ key: rsa.privateKey, alg: 'RS512' }))).rejects.toMatchObject(refused)
    expect(await show(await sign({ key: rsa.privateKey, alg: 'RS256' }))).toMatchObject({ subject: 'anna' })
  })
})

describe('a key set', () => {
  let server: Server
  let url: string
  let keys: { key: KeyObject; kid?: string }[]
  let answer: 'keys' | 'error' | 'nonsense'
  let asked: number

  beforeEach(async () => {
    // jose looks at the machine's clock to know how old its keys are.
    vi.useFakeTimers({ toFake: ['Date'], now: NOW_S * 1000 })
    keys = [{ key: rsa.publicKey, kid: 'first' }]
    answer = 'keys'
    asked = 0
    server = createServer((_request, response) => {
      asked += 1
      if (answer === 'error') return void response.writeHead(500).end('down')
      if (answer === 'nonsense') return void response.end('{"keys": 7}')
      void Promise.all(keys.map(async ({ key, kid }) => ({ ...(await exportJWK(key)), ...(kid !== undefined && { kid }) }))).then((all) =>
        response.end(JSON.stringify({ keys: all })),
      )
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`
  })
  afterEach(() => {
    vi.useRealTimers()
    server.close().closeAllConnections()
  })

  const first = () => sign({ key: rsa.privateKey, alg: 'RS256', kid: 'first' })
  const second = () => sign({ key: ec.privateKey, alg: 'ES256', kid: 'second' })

  test('that is given verifies', async () => {
    const { show } = setUp({ jwks: { keys: [{ ...(await exportJWK(rsa.publicKey)), kid: 'first' }] } })
    expect(await show(await first())).toMatchObject({ subject: 'anna' })
    await expect(show(await second())).rejects.toMatchObject(refused)
  })

  test('is fetched once, for however many tokens', async () => {
    const { show } = setUp({ jwks: url })
    const token = await first()
    await Promise.all(Array.from({ length: 20 }, () => show(token)))
    expect(asked).toBe(1)
  })

  test('is asked again for a key that is new, and then trusts no more what it has dropped', async () => {
    const { show } = setUp({ jwks: new URL(url) })
    await show(await first())
    keys = [{ key: ec.publicKey, kid: 'second' }]
    vi.setSystemTime((NOW_S + 31) * 1000)
    expect(await show(await second())).toMatchObject({ subject: 'anna' })
    expect(asked).toBe(2)
    await expect(show(await first())).rejects.toMatchObject(refused)
  })

  test('is not asked for each key that somebody has made up', async () => {
    const { show } = setUp({ jwks: url })
    await show(await first())
    for (let count = 0; count < 20; count += 1) {
      const forged = sign({ key: otherRsa.privateKey, alg: 'RS256', kid: `made up ${count}` })
      await expect(show(await forged)).rejects.toMatchObject(refused)
    }
    expect(asked).toBe(1)
  })

  test('is looked through for the key of a token that names none', async () => {
    keys = [{ key: otherRsa.publicKey }, { key: rsa.publicKey }]
    const { show } = setUp({ jwks: url })
    expect(await show(await sign({ key: rsa.privateKey, alg: 'RS256' }))).toMatchObject({ subject: 'anna' })
    const forged = generateKeyPairSync('rsa', { modulusLength: 2048 })
    await expect(show(await sign({ key: forged.privateKey, alg: 'RS256' }))).rejects.toMatchObject(refused)
  })

  test.each(['error', 'nonsense'] as const)('that answers %s is no reason to send anybody away', async (fault) => {
    answer = fault
    const { show } = setUp({ jwks: url })
    const unavailable = { status: 503, code: 'keys_unavailable', retryable: true }
    await expect(show(await first())).rejects.toMatchObject(unavailable)
    answer = 'keys'
    expect(await show(await first())).toMatchObject({ subject: 'anna' })
  })

  test('that cannot be reached is known for an hour, and its new keys are awaited', async () => {
    const { clock, show } = setUp({ jwks: url })
    const token = await sign({ key: rsa.privateKey, alg: 'RS256', kid: 'first', claims: { exp: NOW_S + 9000 } })
    await show(token)
    server.close().closeAllConnections()
    vi.setSystemTime((NOW_S + 601) * 1000)
    clock.advance(601_000)
    expect(await show(token)).toMatchObject({ subject: 'anna' })
    const unavailable = { status: 503, code: 'keys_unavailable' }
    await expect(
      show(await sign({ key: ec.privateKey, alg: 'ES256', kid: 'second', claims: { exp: NOW_S + 9000 } })),
    ).rejects.toMatchObject(unavailable)
    clock.advance(3_600_000)
    await expect(show(token)).rejects.toMatchObject(unavailable)
  })

  test('takes no secret for a key, though it holds one', async () => {
    const { show } = setUp({ jwks: { keys: [{ kty: 'oct', k: Buffer.from(SECRET).toString('base64url') }] } })
    await expect(show(await sign())).rejects.toMatchObject(refused)
  })
})

describe('options that make no sense', () => {
  test.each([
    ['no key', { secret: undefined }, 'exactly one'],
    ['two keys', { secret: SECRET, publicKey: pemOf(rsa.publicKey) }, 'exactly one'],
    ['a short secret', { secret: 'short' }, '32 bytes'],
    ['no algorithm', { algorithms: [] }, 'algorithm'],
    ['no signature', { algorithms: ['none'] }, 'none'],
    ['another kind of algorithm', { publicKey: pemOf(rsa.publicKey), algorithms: ['RS256', 'HS256'] }, 'HS256'],
    ['a curve that has none', { publicKey: pemOf(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey) }, 'type ec'],
    ['no issuer', { issuer: '' }, 'issuer'],
    ['no audience', { audience: [] }, 'audience'],
  ])('%s', (_what, options, sentence) => {
    expect(() => setUp(options as Partial<JwtOptions>)).toThrow(sentence)
  })
})
