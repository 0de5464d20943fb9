import { randomUUID } from 'node:crypto'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import type { Page } from '@playwright/test'
import type { S3Service } from '../scripts/services/ceph.js'
import { s3Client } from '../scripts/services/s3-client.js'
import { expect, test } from './support/services.js'

interface Sent {
  readonly url: string
  readonly method: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** Of multipart/form-data, in place of a body; a file with the body's text is added. */
  readonly fields?: Readonly<Record<string, string>>
}

/** What a script in the page sees: the answer, or that there was none. */
const send = (page: Page, sent: Sent) =>
  page.evaluate(async ({ url, method, headers = {}, body = '', fields }) => {
    const form = new FormData()
    for (const [name, value] of Object.entries(fields ?? {})) form.append(name, value)
    form.append('file', new File([body], 'a.txt', { type: 'text/plain' }))
    const request: RequestInit = { method, headers, body: fields ? form : body }
    try {
      const response = await fetch(url, request)
      return { status: response.status, headers: Object.fromEntries(response.headers), text: await response.text() }
    } catch {
      return 'hidden from the page'
    }
  }, sent)

test.describe('S3', () => {
  const signPut = async (s3: S3Service, Bucket: string) => getSignedUrl(s3Client(s3), new PutObjectCommand({ Bucket, Key: randomUUID() }))
  const put = (url: string): Sent => ({ url, method: 'PUT', headers: { 'content-type': 'text/plain' }, body: 'abc' })

  test('takes a presigned PUT, and shows its ETag where the bucket exposes it', async ({ s3, stranger }) => {
    const shown = await send(stranger, put(await signPut(s3, s3.bucket)))
    expect(shown).toMatchObject({ status: 200, headers: { etag: '"900150983cd24fb0d6963f7d28e17f72"' } })
    const hidden = await send(stranger, put(await signPut(s3, s3.bucketHidingEtag)))
    expect(hidden).toMatchObject({ status: 200, headers: expect.not.objectContaining({ etag: expect.anything() }) })
  })

  test('refuses a wrong signature in a way that the page cannot tell from a broken network', async ({ s3, stranger }) => {
    const url = (await signPut(s3, s3.bucket)).replace(/Signature=\w{4}/, 'Signature=0000')
    expect(await send(stranger, put(url))).toBe('hidden from the page')
  })
})

test('tus shows where an upload is, and how far', async ({ services: { tus }, stranger }) => {
  const version = { 'tus-resumable': '1.0.0' }
  const created = await send(stranger, { url: tus.endpoint, method: 'POST', headers: { ...version, 'upload-length': '3' } })
  expect(created).toMatchObject({ status: 201, headers: { location: expect.stringContaining(tus.endpoint) } })
  const { headers } = created as { headers: Record<string, string> }
  const patch = { ...version, 'upload-offset': '0', 'content-type': 'application/offset+octet-stream' }
  expect(await send(stranger, { url: headers['location'] ?? '', method: 'PATCH', headers: patch, body: 'abc' })).toMatchObject({
    status: 204,
    headers: { 'upload-offset': '3' },
  })
})

test('the form endpoint shows what it received, and when to come back', async ({ services: { form }, stranger }) => {
  const one: Sent = { url: `${form.url}/uploads`, method: 'POST', headers: { 'x-mine': '1' }, fields: { folder: 'a' }, body: 'abc' }
  expect(await send(stranger, one)).toMatchObject({ status: 201, text: expect.stringContaining('"size":3') })
  const later = await send(stranger, { ...one, url: `${form.url}/throttled?key=${randomUUID()}&retry-after=7` })
  expect(later).toMatchObject({ status: 429, headers: { 'retry-after': '7' } })
})

test('the Cloudinary stand-in takes chunks, and no request headers but its own', async ({ services: { cloudinary }, stranger }) => {
  const one: Sent = {
    url: `${cloudinary.url}/v1_1/${cloudinary.cloudName}/raw/upload`,
    method: 'POST',
    headers: { 'x-unique-upload-id': randomUUID(), 'content-range': 'bytes 0-2/3' },
    fields: { upload_preset: cloudinary.unsignedPreset },
    body: 'abc',
  }
  expect(await send(stranger, one)).toMatchObject({ status: 200, text: expect.stringContaining('"done":true') })
  const unwanted: Sent = { ...one, headers: { ...one.headers, authorization: 'Bearer x' } }
  expect(await send(stranger, unwanted)).toBe('hidden from the page')
})
