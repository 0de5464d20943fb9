import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { CreatedUpload, CreateUploadsAnswer } from '@upload-panel/core/protocol'
import { createUploader, httpBackend } from '@upload-panel/core'
import { sse } from '@upload-panel/core/sse'
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { type Harness, startHarnessOfTest } from '../testing/harness.js'
import { PATIENCE } from '../testing/patience.js'
import { SAMPLES, songWithPicture } from '../testing/sample-files.js'

const PNG = SAMPLES['image/png'] ?? Buffer.alloc(0)
const HTML = SAMPLES['text/html'] ?? Buffer.alloc(0)

let server: Harness
let processed: string[] = []

beforeEach(async () => {
  processed = []
  server = await startHarnessOfTest({
    accept: { types: ['image/*', 'audio/mpeg'], minBytes: 1 },
    process: ({ file }) => {
      processed.push(file?.type ?? '')
      return { url: '/a' }
    },
  })
})

const ended = async (id: string) => {
  const events = await server.events(`operation_id=${id}`)
  const word = await server.sync.manager.get(id)
  return word?.status === 'in_progress' ? events.until(({ status }) => status !== 'in_progress') : word
}
const create = async (files: readonly object[]): Promise<readonly CreatedUpload[]> =>
  ((await (await server.post('commands/upload-jobs', { files })).json()) as CreateUploadsAnswer).operations

describe('a file that is not taken', () => {
  test('is refused before its bytes are sent, and the others of its call are not', async () => {
    const answers = await create([
      { client_ref: 'a', name: 'a.pdf', size: 3, type: 'application/pdf' },
      { client_ref: 'b', name: 'b.png', size: 0, type: 'image/png' },
      { client_ref: 'c', name: 'c.png', size: 3, type: 'image/png' },
    ])
    expect(answers).toMatchObject([
      { client_ref: 'a', error: { code: 'file_type', retryable: false } },
      { client_ref: 'b', error: { code: 'file_too_small' } },
      { client_ref: 'c', plan: { kind: 'put' } },
    ])
  })

  test.each(['put', 'multipart'] as const)('by its content ends, sent by %s, and its bytes go', async (kind) => {
    const planned = await server.create({ name: 'a.png', type: 'image/png', size: HTML.length, prefer: { kind } })
    const events = await server.events(`operation_id=${planned.operation_id}`)
    await server.send(planned, HTML)
    const answer = await server.complete(planned.operation_id)
    expect(answer).toMatchObject({ status: 'failed', error: { code: 'file_type', retryable: false } })
    expect(answer.message).toBe('This type of file is not accepted. Accepted: image/*, audio/mpeg.')
    expect(await events.until(({ status }) => status === 'failed')).toMatchObject({ error: { code: 'file_type' } })
    const left = await readdir(join(server.directory, 'files'), { recursive: true })
    expect(left.filter((path) => path.includes(planned.operation_id))).toEqual([])
    expect(processed).toEqual([])
  })

  test('is not processed by a retry either, which asks for other bytes', async () => {
    const { operation_id } = await server.upload(HTML, { name: 'a.png', type: 'image/png' })
    const answer = (await (await server.post(`commands/uploads/${operation_id}/retry`, {})).json()) as { plan?: unknown }
    expect(answer.plan).toBeDefined()
    expect(processed).toEqual([])
  })
})

describe('a file that is taken', () => {
  test('is of the type that its content is, for its hook and for everyone', async () => {
    const { operation_id } = await server.upload(PNG, { name: 'a.jpg', type: 'image/jpeg' })
    expect(await ended(operation_id)).toMatchObject({ status: 'completed', file: { name: 'a.jpg', type: 'image/png' } })
    expect(processed).toEqual(['image/png'])
    expect((await server.sync.readFile(operation_id))?.description.type).toBe('image/png')
  })

  test('is the same file for a client that comes again with the type that it knows', async () => {
    const file = { client_ref: 'again', name: 'a.jpg', type: 'image/jpeg', size: PNG.length }
    const planned = await server.create(file)
    await server.send(planned, PNG)
    await ended(planned.operation_id)
    expect(await create([file])).toMatchObject([{ error: { code: 'already_received' } }])
  })

  test('is known though what says so lies far behind its beginning', async () => {
    const { operation_id } = await server.upload(songWithPicture(6_000_000), { name: 'a.mp3', type: 'audio/mp3' })
    expect(await ended(operation_id)).toMatchObject({ status: 'completed', file: { type: 'audio/mpeg' } })
  })
})

test('the real client shows the reason, and does not send the file again by itself', async () => {
  const uploader = createUploader({ backend: httpBackend({ url: server.url }), realtime: sse({ url: `${server.url}/events` }) })
  onTestFinished(() => uploader.dispose())
  const [page = '', text = ''] = uploader.add([
    new File([new Uint8Array(HTML)], 'a.png', { type: 'image/png' }),
    new File(['x'], 'b.txt', { type: 'text/plain' }),
  ])
  const item = (id: string) => uploader.$item(id).get()
  await vi.waitFor(() => expect([item(page)?.phase, item(text)?.phase]).toEqual(['failed', 'failed']), PATIENCE)
  expect(item(page)).toMatchObject({ attempt: 1, error: { remoteCode: 'file_type', retryable: false } })
  expect(item(text)).toMatchObject({ attempt: 1, error: { remoteCode: 'file_type', retryable: false } })
  expect(await server.sync.manager.list()).toHaveLength(1)
})

test('what arrived before a crash is looked into after it', async () => {
  const planned = await server.create({ name: 'a.png', type: 'image/png', size: 6 * 2 ** 20, prefer: { kind: 'multipart' } })
  await server.send(planned, new Uint8Array(6 * 2 ** 20))
  await server.crash()
  server = await startHarnessOfTest({ accept: { types: ['image/*'] } }, server.directory)
  expect(await server.complete(planned.operation_id)).toMatchObject({ status: 'failed', error: { code: 'file_type' } })
})
