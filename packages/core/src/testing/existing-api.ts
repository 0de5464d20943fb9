import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** One request that reached the API. */
export interface ApiCall {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: unknown
}

interface Upload {
  readonly id: string
  readonly jobId: string
  readonly size: number
  readonly partSize: number | undefined
  readonly parts: Map<number, Buffer>
  status: 'QUEUED' | 'UPLOADING' | 'PROCESSING' | 'COMPLETED' | 'FAILED'
  error: string | undefined
}

/** An HTTP API as photo services have them, which knows nothing of us: it counts its uploads, cuts large ones by its own part size, and tells of a job's files. */
export interface ExistingApi {
  readonly url: string
  readonly calls: readonly ApiCall[]
  /** What storage has of an upload, in one piece. */
  bytes(id: string): Buffer
  /** The server's work on an upload ends. */
  finish(id: string, error?: string): void
  uploads(): readonly string[]
  stop(): Promise<void>
}

const PART_SIZE = 1000

export async function startExistingApi(): Promise<ExistingApi> {
  const uploads = new Map<string, Upload>()
  const calls: ApiCall[] = []
  let jobs = 0

  function upload(id: string | undefined): Upload {
    const found = uploads.get(id ?? '')
    if (found === undefined) throw new Error('unknown upload')
    return found
  }

  function plan(jobId: string, { name, size }: { readonly name: string; readonly size: number }): unknown {
    if (name.endsWith('.exe')) return { error: 'Programs are not taken.' }
    const id = `${uploads.size + 1}`
    const partSize = size > 2 * PART_SIZE ? PART_SIZE : undefined
    uploads.set(id, { id, jobId, size, partSize, parts: new Map(), status: 'QUEUED', error: undefined })
    // Its ids are numbers, as databases have them.
    return { photoId: Number(id), ...(partSize === undefined ? { uploadUrl: `/storage/${id}/1` } : { uploadId: `s3-${id}`, partSize }) }
  }

  /** Whatever the routes answer. */
  function answer(method: string, path: string, body: Readonly<Record<string, unknown>>): unknown {
    const [, , route, id, action] = path.split('/')
    if (method === 'POST' && route === 'jobs') {
      const jobId = `job-${(jobs += 1)}`
      return { jobId, photos: (body['photos'] as readonly { name: string; size: number }[]).map((photo) => plan(jobId, photo)) }
    }
    if (route === 'jobs') {
      const mine = [...uploads.values()].filter(({ jobId }) => jobId === id)
      return { photos: mine.map(({ id: photoId, jobId, status, error }) => ({ jobId, photoId: Number(photoId), status, error })) }
    }
    const one = upload(id)
    if (action === 'urls')
      return { urls: (body['numbers'] as readonly number[]).map((number) => ({ number, url: `/storage/${id}/${number}` })) }
    if (action === 'parts') return { parts: [...one.parts].map(([number, bytes]) => ({ number, size: bytes.length, eTag: `"${number}"` })) }
    if (action === 'complete') one.status = 'PROCESSING'
    if (method === 'DELETE') one.status = 'FAILED'
    return undefined
  }

  const server = createServer((request, response) => {
    const { method = '', url: path = '' } = request
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const bytes = Buffer.concat(chunks)
      try {
        if (path.startsWith('/storage/')) {
          const [, , id, number] = path.split('/')
          upload(id).parts.set(Number(number), bytes)
          response.writeHead(200, { etag: `"${number}"` }).end()
          return
        }
        const body = bytes.length > 0 ? (JSON.parse(bytes.toString()) as Record<string, unknown>) : {}
        calls.push({ method, path, headers: request.headers, body })
        const said = answer(method, path, body)
        if (said === undefined) response.writeHead(204).end()
        else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(said))
      } catch {
        response.writeHead(404, { 'content-type': 'application/json' }).end('{}')
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`,
    calls,
    bytes: (id) => Buffer.concat([...upload(id).parts].sort(([a], [b]) => a - b).map(([, bytes]) => bytes)),
    finish(id, error) {
      const one = upload(id)
      one.status = error === undefined ? 'COMPLETED' : 'FAILED'
      one.error = error
    },
    uploads: () => [...uploads.keys()],
    async stop() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
