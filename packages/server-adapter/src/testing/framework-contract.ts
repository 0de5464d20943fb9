import { createHash, randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { createUploader, httpBackend, type Uploader } from '@upload-panel/core'
import { sse } from '@upload-panel/core/sse'
import type { CreatedUpload, CreateUploadsAnswer, PutPlan } from '@upload-panel/core/protocol'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { layoutOf } from '../storage/layout.js'
import { partBegins, temporaryDirectory } from './harness.js'
import { PATIENCE } from './patience.js'
import { readEvents } from './read-events.js'
import { slowPut } from './slow-put.js'

/** A framework's own server on a port of its own, with a sync server mounted below a path. */
export interface MountedFramework {
  /** Where the sync server is mounted, without a slash at the end. */
  readonly url: string
  /** A route of the API around it, which answers `own` to GET. */
  readonly ownUrl: string
  /** As the framework is closed by those who use it: resolves once its last connection has ended. */
  close(): Promise<void>
}

export interface FrameworkContract {
  readonly name: string
  /**
   * @param directory where the sync server, which is open, keeps `records.db` and `files`
   */
  mount(directory: string): Promise<MountedFramework>
}

const UPLOAD_BYTES = 20 * 2 ** 20
/** Far more than a framework's parser takes by default, which is 100 kB or 1 MiB. */
const LARGE_COMMAND_BYTES = 1.5 * 2 ** 20

/** What each adapter has to do in its real framework. */
export function frameworkContract({ name, mount }: FrameworkContract): void {
  describe(`the sync server in ${name}`, () => {
    let directory: Awaited<ReturnType<typeof temporaryDirectory>>
    let framework: MountedFramework
    let isClosed: boolean
    let uploaders: Uploader[]

    beforeEach(async () => {
      directory = await temporaryDirectory()
      uploaders = []
      isClosed = false
      framework = await mount(directory.path)
    })
    afterEach(async () => {
      for (const uploader of uploaders) await uploader.dispose()
      if (!isClosed) await framework.close()
      await directory.remove()
    })

    const post = (path: string, body: unknown) =>
      fetch(`${framework.url}/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
    const create = async (size: number, type = '') => {
      const files = [{ client_ref: randomBytes(8).toString('hex'), name: 'a.bin', size, type }]
      const { operations } = (await (await post('commands/upload-jobs', { files })).json()) as CreateUploadsAnswer
      return operations[0] as Extract<CreatedUpload<PutPlan>, { readonly plan: PutPlan }>
    }
    /** Event streams that the server holds open. */
    const streams = async () => {
      const { connections } = (await (await fetch(`${framework.url}/queries/health`)).json()) as { readonly connections: number }
      return connections
    }

    test('takes 20 MiB in parts from the real client, and confirms them by its event stream', async () => {
      const { url } = framework
      const uploader = createUploader({ backend: httpBackend({ url }), realtime: sse({ url: `${url}/events` }) })
      uploaders.push(uploader)
      const bytes = new Uint8Array(randomBytes(UPLOAD_BYTES))
      const [id = ''] = uploader.add([new File([bytes], 'large.bin')])
      await vi.waitFor(() => expect(uploader.$item(id).get()?.phase).toBe('completed'), { ...PATIENCE, timeout: 30_000 })
      const item = uploader.$item(id).get()
      const operationId = item !== undefined && 'operationId' in item ? String(item.operationId) : ''
      expect(await sha256Of(layoutOf(join(directory.path, 'files')).object(operationId).file)).toBe(
        createHash('sha256').update(bytes).digest('hex'),
      )
    })

    test('takes bytes as they come, whatever type they say that they are', async () => {
      for (const type of ['application/json', 'text/plain; charset=utf-16', 'application/x-www-form-urlencoded', 'none-at-all']) {
        const { operation_id, plan } = await create(10)
        const put = slowPut(`${framework.url}/${plan.url}`, { 'content-type': type })
        await put.write(Buffer.from('{"a'))
        // It is on the disk before the client has said all.
        await partBegins(directory.path, operation_id)
        await put.write(Buffer.from('":1}  \n'))
        expect(await put.end()).toMatchObject({ status: 200 })
      }
    })

    test('takes commands that are larger than what frameworks parse by themselves', async () => {
      const answer = await post('queries/operations', { ids: [], padding: 'x'.repeat(LARGE_COMMAND_BYTES) })
      expect([answer.status, await answer.json()]).toMatchObject([200, { operations: [] }])
    })

    test('sends events when they happen, also to those who would take them compressed', async () => {
      const events = await readEvents(`${framework.url}/events?all=1`, { 'accept-encoding': 'gzip, br' })
      expect(events.response.headers.get('content-encoding')).toBeNull()
      // Nothing has happened yet, and nothing more will come: it is not held back until there is more.
      await events.ping()
      const { operation_id } = await create(1)
      expect(await events.until(() => true)).toMatchObject({ operation_id })
      events.close()
    })

    test('hears when a client has left: of a stream, and in the middle of a body', async () => {
      const events = await readEvents(`${framework.url}/events?all=1`)
      await events.ping()
      expect(await streams()).toBe(1)
      events.close()
      await vi.waitFor(async () => expect(await streams()).toBe(0), PATIENCE)

      const { operation_id, plan } = await create(10)
      const put = slowPut(`${framework.url}/${plan.url}`)
      await put.write(Buffer.from('12345'))
      await partBegins(directory.path, operation_id)
      await put.cut()
      const again = await fetch(`${framework.url}/${plan.url}`, { method: 'PUT', body: '1234567890' })
      expect([again.status, await again.json()]).toMatchObject([200, { update: { status: 'completed' } }])
    })

    test('is mounted below its path, and leaves the rest to the API around it', async () => {
      expect(await (await fetch(framework.ownUrl)).text()).toBe('own')
      const unknown = await fetch(`${framework.url}/nothing//here?x=%2F..`)
      expect([unknown.status, unknown.headers.get('content-type')]).toEqual([404, 'application/problem+json'])
      expect(await unknown.json()).toMatchObject({ code: 'unknown_route' })
      expect(await (await fetch(framework.url)).json()).toMatchObject({ code: 'unknown_route' })
      const odd = await fetch(`${framework.url}/queries/upload-jobs/${encodeURIComponent('a/b %2F?')}?cursor=x`)
      expect(await odd.json()).toMatchObject({ code: 'unknown_job' })
    })

    test('answers each method itself', async () => {
      const preflight = await fetch(`${framework.url}/storage/x`, { method: 'OPTIONS' })
      expect([preflight.status, preflight.headers.get('upload-panel-protocol')]).toEqual([204, '1'])
      expect((await fetch(`${framework.url}/queries/health`, { method: 'HEAD' })).status).toBe(405)
      expect((await fetch(`${framework.url}/queries/health`, { method: 'DELETE' })).status).toBe(404)
    })

    test('lets the framework close: streams end, and what is under way comes to its end', async () => {
      const events = await readEvents(`${framework.url}/events?all=1`)
      await events.ping()
      const { operation_id, plan } = await create(5)
      const put = slowPut(`${framework.url}/${plan.url}`)
      await put.write(Buffer.from('he'))
      await partBegins(directory.path, operation_id)
      await events.until(() => true)
      isClosed = true
      const closed = framework.close()
      await expect(events.until(() => false)).rejects.toThrow('ended')
      await put.write(Buffer.from('llo'))
      expect(await put.end()).toMatchObject({ status: 200 })
      await closed
    })
  })
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array)
  return hash.digest('hex')
}
