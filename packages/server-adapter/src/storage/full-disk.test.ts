import { randomBytes } from 'node:crypto'
import type { MultipartPlan, PutPlan, TusPlan } from '@upload-panel/core/protocol'
import { Metadata } from '@tus/server'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { startHarness, temporaryDirectory } from '../testing/harness.js'
import { smallDisk } from '../testing/small-disk.js'
import { disk } from './disk.js'
import type { ObjectStorage } from './object-storage.js'
import { tus } from './tus/tus.js'

const MIB = 2 ** 20
const full = await smallDisk(MIB)

/** On a file system that has room for a mebibyte, where this process may make one. */
describe.skipIf(full === undefined)('a disk that is full', () => {
  const path = full?.path ?? ''
  afterAll(() => full?.remove())

  async function start(storage: ObjectStorage) {
    const directory = await temporaryDirectory()
    onTestFinished(directory.remove)
    const server = await startHarness(directory.path, { storage, limits: { minPartBytes: 300_000 } })
    onTestFinished(() => server.close())
    return server
  }
  const bytesOf = (size: number) => new Uint8Array(randomBytes(size))
  const refusal = async (response: Response) => {
    const { code, retryable, detail } = (await response.json()) as { code: string; retryable: boolean; detail: string }
    return { status: response.status, code, retryable, detail }
  }
  const noRoom = { status: 507, code: 'storage_full', retryable: true, detail: 'The server has no room left for this file.' }

  test('says so, counts nothing of what it could not keep, and takes the next file when there is room again', async () => {
    const server = await start(disk({ directory: `${path}/disk` }))
    const { operation_id, plan } = await server.create({ size: 2 * MIB })
    const { url } = plan as PutPlan
    expect(await refusal(await server.request(url, { method: 'PUT', body: bytesOf(2 * MIB) }))).toEqual(noRoom)
    expect(await (await server.request(`queries/uploads/${operation_id}/parts`)).json()).toEqual({ parts: [] })
    expect((await server.sync.manager.get(operation_id))?.status).toBe('pending')
    await server.post(`commands/uploads/${operation_id}/cancel`, {})
    expect(await server.upload(bytesOf(500_000))).toMatchObject({ status: 'completed' })
  })

  test('keeps the parts that it has', async () => {
    const server = await start(disk({ directory: `${path}/parts` }))
    const { operation_id, plan } = await server.create({ size: 1_200_000, prefer: { kind: 'multipart', part_bytes: 300_000 } })
    const answers: number[] = []
    for (const { url } of (plan as MultipartPlan).parts ?? []) {
      answers.push((await server.request(url, { method: 'PUT', body: bytesOf(300_000) })).status)
    }
    expect(answers).toContain(507)
    const { parts } = (await (await server.request(`queries/uploads/${operation_id}/parts`)).json()) as { parts: unknown[] }
    expect(parts).toHaveLength(answers.filter((status) => status === 200).length)
    await server.post(`commands/uploads/${operation_id}/cancel`, {})
  })

  test('says so to tus, whose store does not tell', async () => {
    const server = await start(tus({ directory: `${path}/tus` }))
    const { operation_id, plan } = await server.create({ size: 2 * MIB })
    const headers = { 'tus-resumable': '1.0.0' }
    const metadata = Metadata.stringify({ ...(plan as unknown as TusPlan).metadata })
    const created = await server.request('tus', {
      method: 'POST',
      headers: { ...headers, 'upload-length': String(2 * MIB), 'upload-metadata': metadata },
    })
    const answer = await server.request(created.headers.get('location') ?? '', {
      method: 'PATCH',
      headers: { ...headers, 'upload-offset': '0', 'content-type': 'application/offset+octet-stream' },
      body: bytesOf(2 * MIB),
    })
    expect(await refusal(answer)).toEqual(noRoom)
    await server.post(`commands/uploads/${operation_id}/cancel`, {})
  })
})
