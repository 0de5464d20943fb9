import { describe, expect, it } from 'vitest'
import { UploadError } from '../../errors.js'
import type { HttpResponse } from '../http-client.js'
import { headersFor, sendWithHeaders } from './headers.js'

const ORIGIN = 'https://api.test'
const never = new AbortController().signal
const answer = (status: number, text = '', headers: Readonly<Record<string, string>> = {}): HttpResponse => ({
  status,
  text,
  header: (name) => headers[name],
})

/** Sends with tokens that are made anew for each attempt; `answers` come one after the other. */
async function send(...answers: HttpResponse[]) {
  const sent: (string | undefined)[] = []
  const response = await sendWithHeaders(
    ({ attempt }) => ({ authorization: `token ${attempt}` }),
    ORIGIN,
    never,
    (headers) => {
      sent.push(headers['authorization'])
      return Promise.resolve(answers[sent.length - 1] ?? answer(200))
    },
  )
  return { sent, status: response.status }
}

describe('headers that expire', () => {
  it.each([
    ['401', answer(401)],
    ['403 with a problem that says so', answer(403, '{"code":"token_expired"}')],
    ['403 with a challenge that says so (RFC 6750)', answer(403, '', { 'www-authenticate': 'Bearer error="invalid_token"' })],
    ['403 of a storage', answer(403, '<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>')],
  ])('are asked for once more after %s', async (_what, refused) => {
    expect(await send(refused, answer(200))).toEqual({ sent: ['token 1', 'token 2'], status: 200 })
  })

  it('are asked for once more, not for ever', async () => {
    expect(await send(answer(401), answer(401), answer(200))).toEqual({ sent: ['token 1', 'token 2'], status: 401 })
  })

  it.each([answer(200), answer(403, '{"code":"not_yours"}'), answer(429), answer(500)])(
    'are right whatever else the server says: $status',
    async (other) => {
      expect((await send(other)).sent).toEqual(['token 1'])
    },
  )

  it('that are fixed cannot become fresh', async () => {
    let calls = 0
    await sendWithHeaders({ authorization: 'fixed' }, ORIGIN, never, () => {
      calls += 1
      return Promise.resolve(answer(401))
    })
    expect(calls).toBe(1)
  })
})

describe('a hook for headers', () => {
  it('that throws is a failure to sign in', async () => {
    const failing = () => Promise.reject(new Error('No session.'))
    await expect(headersFor(failing, ORIGIN, 1, never)).rejects.toMatchObject({ code: 'auth' })
  })

  it('that finds no network is no failure to sign in', async () => {
    const offline = () => Promise.reject(new TypeError('Failed to fetch'))
    await expect(headersFor(offline, ORIGIN, 1, never)).rejects.toMatchObject({ code: 'network', retryable: true })
  })

  it('may say itself what is wrong', async () => {
    const reason = new UploadError('server', 'The session server is broken.')
    await expect(headersFor(() => Promise.reject(reason), ORIGIN, 1, never)).rejects.toBe(reason)
  })

  it('that never answers does not hold up an abort', async () => {
    const controller = new AbortController()
    const waiting = headersFor(() => new Promise(() => {}), ORIGIN, 1, controller.signal)
    controller.abort(new Error('Enough.'))
    await expect(waiting).rejects.toThrow('Enough.')
  })
})
