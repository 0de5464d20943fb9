import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Upload } from 'tus-js-client'
import { describe, expect, it, onTestFinished } from 'vitest'
import { services } from './provided.ts'
import { startTus } from './tus.ts'

/** Uploads by the reference client, and answers the upload's address. */
const upload = (endpoint: string, bytes: Buffer, uploadUrl?: string) =>
  new Promise<{ url: string; answer: Map<string, string | undefined> }>((resolve, reject) => {
    const one = new Upload(bytes, {
      endpoint,
      ...(uploadUrl && { uploadUrl }),
      chunkSize: 256 * 1024,
      retryDelays: null,
      onError: reject,
      onSuccess: ({ lastResponse }) =>
        resolve({ url: one.url ?? '', answer: new Map([['upload-id', lastResponse.getHeader('Upload-Id')]]) }),
    })
    one.start()
  })

async function folder(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'upload-panel-tus-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  return directory
}

describe('the tus server', () => {
  it('says what it can do: no concatenation, no checksums', async () => {
    const { headers } = await fetch(services().tus.endpoint, { method: 'OPTIONS' })
    expect(headers.get('tus-extension')?.split(',')).toEqual([
      'creation',
      'creation-with-upload',
      'creation-defer-length',
      'termination',
      'expiration',
    ])
  })

  it('lets scripts of any origin read where it is', async () => {
    const { headers } = await fetch(services().tus.endpoint, {
      method: 'POST',
      headers: { origin: 'https://app.example', 'tus-resumable': '1.0.0', 'upload-length': '1' },
    })
    expect(headers.get('access-control-allow-origin')).toBe('*')
    expect(headers.get('access-control-expose-headers')).toMatch(/Location.*Upload-Offset/)
  })

  it('refuses bytes for another offset', async () => {
    const headers = { 'tus-resumable': '1.0.0' }
    const created = await fetch(services().tus.endpoint, { method: 'POST', headers: { ...headers, 'upload-length': '4' } })
    const { status } = await fetch(created.headers.get('location') ?? '', {
      method: 'PATCH',
      headers: { ...headers, 'content-type': 'application/offset+octet-stream', 'upload-offset': '2' },
      body: 'ab',
    })
    expect(status).toBe(409)
  })

  it('gives back what it has, and survives a reader that goes away', async () => {
    const bytes = randomBytes(1024 * 1024)
    const { url } = await upload(services().tus.endpoint, bytes)
    const readers = Array.from({ length: 50 }, () => new AbortController())
    await Promise.allSettled(
      readers.map(async (reader) => {
        const { body } = await fetch(url, { signal: reader.signal })
        await body?.getReader().read()
        reader.abort()
      }),
    )
    expect(Buffer.from(await (await fetch(url)).arrayBuffer())).toEqual(bytes)
  })

  it('goes on after a restart on the same folder', async () => {
    const directory = await folder()
    const bytes = randomBytes(4096)
    const first = await startTus({ directory })
    const created = await fetch(first.endpoint, {
      method: 'POST',
      headers: { 'tus-resumable': '1.0.0', 'upload-length': '4096', 'content-type': 'application/offset+octet-stream' },
      body: bytes.subarray(0, 1000),
    })
    const url = created.headers.get('location') ?? ''
    await first.stop()
    const second = await startTus({ directory, port: Number(new URL(first.endpoint).port) })
    onTestFinished(() => second.stop())
    const head = await fetch(url, { method: 'HEAD', headers: { 'tus-resumable': '1.0.0' } })
    expect(head.headers.get('upload-offset')).toBe('1000')
    await upload(second.endpoint, bytes, url)
    expect(await readFile(join(directory, new URL(url).pathname.split('/').at(-1) ?? ''))).toEqual(bytes)
  })

  it('runs the hooks of a test', async () => {
    const server = await startTus({
      directory: await folder(),
      hooks: { exposedHeaders: ['Upload-Id'], onUploadFinish: async (_request, { id }) => ({ headers: { 'Upload-Id': `job-${id}` } }) },
    })
    onTestFinished(() => server.stop())
    const { url, answer } = await upload(server.endpoint, randomBytes(2048))
    expect(answer.get('upload-id')).toBe(`job-${url.split('/').at(-1)}`)
  })
})
