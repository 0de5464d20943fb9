import { createHash, randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { services } from './provided.ts'

function form(): FormData {
  const body = new FormData()
  body.append('folder', 'tiere/ä')
  body.append('file', new File(['abc'], 'zäta.txt', { type: 'text/plain' }))
  return body
}
const post = (path: string) => fetch(services().form.url + path, { method: 'POST', body: form() })

describe('the form endpoint', () => {
  it('tells what it has received, at once and later', async () => {
    const response = await post('/uploads')
    const answer = await response.json()
    expect(response.status).toBe(201)
    expect(answer).toEqual({
      uploadId: expect.any(String),
      fields: [['folder', 'tiere/ä']],
      files: [{ field: 'file', name: 'zäta.txt', type: 'text/plain', size: 3, sha256: createHash('sha256').update('abc').digest('hex') }],
    })
    expect(await (await fetch(`${services().form.url}/uploads/${answer.uploadId}`)).json()).toEqual(answer)
  })

  it('answers plain JSON or a page with 200 where it is asked to', async () => {
    expect(await (await post('/plain')).json()).toEqual({ ok: true })
    const page = await post('/html')
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html'])
  })

  it('refuses what is too large before it has read it', async () => {
    expect((await post('/too-large')).status).toBe(413)
  })

  it('says what is wrong with a request that is no form', async () => {
    const response = await fetch(`${services().form.url}/uploads`, { method: 'POST', body: 'text' })
    expect([response.status, await response.text()]).toEqual([500, expect.stringContaining('Content-Type')])
  })

  it('takes no other methods', async () => {
    expect((await fetch(`${services().form.url}/uploads`, { method: 'HEAD' })).status).toBe(405)
  })

  it('breaks the connection where it is asked to', async () => {
    await expect(post('/cut')).rejects.toMatchObject({ cause: { code: expect.stringMatching(/ECONNRESET|UND_ERR_SOCKET/) } })
  })

  it('asks to come back later, as often as a test wants', async () => {
    const path = `/throttled?key=${randomUUID()}&times=2&retry-after=7`
    const answers = [await post(path), await post(path), await post(path)]
    expect(answers.map(({ status, headers }) => [status, headers.get('retry-after')])).toEqual([
      [429, '7'],
      [429, '7'],
      [201, null],
    ])
  })

  it('lets any origin send headers of its own, and read when to come back', async () => {
    const { status, headers } = await fetch(`${services().form.url}/uploads`, {
      method: 'OPTIONS',
      headers: { origin: 'https://app.example', 'access-control-request-method': 'POST', 'access-control-request-headers': 'x-mine' },
    })
    expect([status, headers.get('access-control-allow-headers'), headers.get('access-control-allow-origin')]).toEqual([
      204,
      'x-mine',
      'https://app.example',
    ])
    expect(headers.get('access-control-expose-headers')).toBe('Retry-After')
  })
})
