import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { PutPlan } from '@upload-panel/core/protocol'
import { expectProblem, statusOfRawPath } from './support/http.js'
import { expect, test } from './support/test.js'

const FOUR_BYTES = new Uint8Array([1, 2, 3, 4])

test.describe('the server refuses with a problem document', () => {
  test('an operation that it does not know, on every route that names one', async ({ api }) => {
    for (const command of ['complete', 'cancel', 'retry'])
      await expectProblem(await api.post(`commands/uploads/unknown/${command}`, {}), 404)
    await expectProblem(await api.post('commands/uploads/unknown/parts', { part_numbers: [1] }), 404)
    await expectProblem(await api.get('queries/uploads/unknown/parts'), 404)
    await expectProblem(await api.get('queries/upload-jobs/unknown'), 404)
    await expectProblem(await api.get('no-such-route'), 404)
  })

  test('a command without the JSON content type', async ({ api }) => {
    const body = { job_id: 'job', files: [] }
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
      await expectProblem(await api.post('commands/upload-jobs', body, { 'content-type': type }), 415)
    }
    await expectProblem(await api.post('commands/upload-jobs', body, {}), 415)
  })

  test('a body that is not JSON, or not what the command takes', async ({ api }) => {
    await expectProblem(await api.post('commands/upload-jobs', '{"files": ['), 400)
    for (const body of [[], null, 7]) await expectProblem(await api.post('commands/upload-jobs', body), 400)
    for (const body of [
      {},
      { files: 'all' },
      { files: [] },
      { job_id: 7, files: [{}] },
      { files: Array.from({ length: 101 }, () => ({})) },
    ]) {
      expect((await expectProblem(await api.post('commands/upload-jobs', body), 422)).detail).toBeTruthy()
    }
  })

  test('a signature that was changed in any of its parts', async ({ api }) => {
    const { plan } = await api.create({ size: 4 })
    const signed = new URL(api.urlOf(plan as PutPlan))
    expect([...signed.searchParams.keys()].length).toBeGreaterThan(1)
    for (const [name, value] of signed.searchParams) {
      const forged = new URL(signed)
      const last = value.at(-1)
      forged.searchParams.set(name, value.slice(0, -1) + (last === '1' ? '2' : '1'))
      await expectProblem(await api.put(forged.href, FOUR_BYTES), 403)
    }
    await expectProblem(await api.put(`${signed.origin}${signed.pathname}`, FOUR_BYTES), 403)
  })

  test('a signed address of one upload used for another', async ({ api }) => {
    const [first, second] = [await api.create({ size: 4 }), await api.create({ size: 4 })]
    const own = new URL(api.urlOf(first.plan as PutPlan))
    const other = new URL(api.urlOf(second.plan as PutPlan))
    expect(own.pathname).not.toBe(other.pathname)
    await expectProblem(await api.put(`${own.origin}${other.pathname}${own.search}`, FOUR_BYTES), 403)
  })

  test('more bytes than were declared, and fewer', async ({ api }) => {
    const { plan, operation_id } = await api.create({ size: 4 })
    const url = api.urlOf(plan as PutPlan)
    await expectProblem(await api.put(url, new Uint8Array(5)), 413)
    await expectProblem(await api.put(url, new Uint8Array(3)), 400)
    // Nothing of them is left: there is nothing to complete.
    const problem = await expectProblem(await api.post(`commands/uploads/${operation_id}/complete`, {}), 409)
    expect(problem.detail).toBeTruthy()
  })

  test('a signed address after the upload is complete', async ({ api }) => {
    const { plan, operation_id } = await api.create({ size: 4 })
    const url = api.urlOf(plan as PutPlan)
    expect((await api.put(url, FOUR_BYTES)).status).toBeLessThan(300)
    expect((await api.post(`commands/uploads/${operation_id}/complete`, {})).status).toBe(200)
    const response = await api.put(url, new Uint8Array([9, 9, 9, 9]))
    expect([409, 410]).toContain(response.status)
    await expectProblem(response, response.status)
  })

  test('a signed address that has expired', async ({ api, demo }) => {
    const { plan } = await api.create({ size: 4 })
    await demo.kill()
    await demo.restart({ hoursLater: 2 })
    expect((await expectProblem(await api.put(api.urlOf(plan as PutPlan), FOUR_BYTES), 403)).code).toBe('url_expired')
  })

  test('a command that is too long', async ({ api }) => {
    const metadata = { note: 'x'.repeat(2 * 2 ** 20) }
    await expectProblem(
      await api.post('commands/upload-jobs', { files: [{ client_ref: 'a', name: 'a', size: 1, type: '', metadata }] }),
      413,
    )
  })
})

test('a path in a file name, or in an address, leads nowhere', async ({ api, demo }) => {
  const before = (await readdir(join(demo.dataDirectory, '..'))).length
  for (const name of ['../../escape.txt', '..\\..\\escape.txt', '/etc/escape.txt', 'a\0b', '%2e%2e%2fescape.txt']) {
    const { plan, operation_id } = await api.create({ name, size: 4 })
    expect((await api.put(api.urlOf(plan as PutPlan), FOUR_BYTES)).status).toBeLessThan(300)
    expect((await api.post(`commands/uploads/${operation_id}/complete`, {})).status).toBe(200)
  }
  for (const path of ['../../uploads.db', '%2e%2e%2f%2e%2e%2fuploads.db', '..%5c..%5cuploads.db', '..;/uploads.db', '%00']) {
    for (const root of ['/uploads/storage/', '/uploads/', '/']) {
      expect([400, 403, 404, 405]).toContain(await statusOfRawPath(demo.url, 'PUT', root + path))
    }
    for (const root of ['/files/', '/thumbnails/', '/uploads/queries/uploads/', '/']) {
      expect([400, 404]).toContain(await statusOfRawPath(demo.url, 'GET', root + path))
    }
  }
  expect((await readdir(join(demo.dataDirectory, '..'))).length).toBe(before)
  const names = await readdir(demo.dataDirectory, { recursive: true })
  expect(names.filter((name) => name.includes('escape'))).toEqual([])
})
