import { strategyContract, answerOf, sha256Of } from '../../testing/strategy-contract.js'
import type { HttpRequest, HttpResponse } from '../../http/http-client.js'
import { storageError } from '../../http/policy/classify.js'
import type { TusPlan } from '../../protocol/index.js'
import type { TransferResult } from '../strategy.js'
import { createTusStrategy } from './tus-strategy.js'

const ENDPOINT = 'https://tus.test/files'

strategyContract('tus, chunk by chunk', {
  strategy: createTusStrategy({ refusal: storageError }),
  open: ({ name }) => openTus({ chunk_bytes: 4, extensions: [], metadata: { filename: name } }),
  refusal: 'rejected',
  takesPages: false,
})

strategyContract('tus, with the first chunk in the creation', {
  strategy: createTusStrategy({ refusal: storageError }),
  open: () => openTus({ chunk_bytes: 4, extensions: ['creation-with-upload'] }),
  refusal: 'rejected',
  takesPages: false,
})

strategyContract('tus, in pieces', {
  strategy: createTusStrategy({ refusal: storageError, minPieceBytes: 2 }),
  open: ({ name }) => openTus({ parallel: 3, extensions: ['concatenation'], metadata: { filename: name } }),
  refusal: 'rejected',
  takesPages: false,
})

/** "The value MUST be Base64 encoded": what it says must be the file's name, where that is text at all. */
function isName(header: string): boolean {
  const [, value = ''] = /^filename ([A-Za-z0-9+/]+=*)$/.exec(header) ?? []
  return Buffer.from(value, 'base64').toString('base64') === value
}

/** A tus server in memory. */
function openTus(plan: Partial<TusPlan>) {
  const uploads = new Map<string, { readonly length: number; blob: Blob }>()

  function create({ headers = {}, body }: HttpRequest): HttpResponse {
    const url = `${ENDPOINT}/${uploads.size + 1}`
    const [, pieces] = /^final;(.*)$/.exec(headers['Upload-Concat'] ?? '') ?? []
    const parts = pieces?.split(' ').map((piece) => uploads.get(piece)?.blob ?? new Blob())
    const blob = new Blob(parts ?? (body instanceof Blob ? [body] : []))
    uploads.set(url, { length: parts === undefined ? Number(headers['Upload-Length']) : blob.size, blob })
    return answerOf(201, { location: new URL(url).pathname, 'upload-offset': String(blob.size) })
  }

  function append({ url, headers = {}, body }: HttpRequest): HttpResponse {
    const upload = uploads.get(url)
    if (upload === undefined) return answerOf(404)
    if (headers['Upload-Offset'] !== String(upload.blob.size)) return answerOf(409)
    upload.blob = new Blob([upload.blob, ...(body instanceof Blob ? [body] : [])])
    return answerOf(204, { 'upload-offset': String(upload.blob.size) })
  }

  function tell({ url }: HttpRequest): HttpResponse {
    const upload = uploads.get(url)
    if (upload === undefined) return answerOf(404)
    return answerOf(200, { 'upload-offset': String(upload.blob.size), 'upload-length': String(upload.length) })
  }

  return {
    plan: { kind: 'tus' as const, endpoint: ENDPOINT, ...plan },
    async answer(request: HttpRequest) {
      if (request.headers?.['Tus-Resumable'] !== '1.0.0') return answerOf(412)
      const name = request.headers['Upload-Metadata']
      if (name !== undefined && !isName(name)) return answerOf(400)
      if (request.body instanceof Blob) request.onProgress?.(request.body.size)
      if (request.method === 'POST') return create(request)
      return request.method === 'PATCH' ? append(request) : tell(request)
    },
    sha256: ({ result }: TransferResult) => sha256Of(uploads.get((result as { readonly url: string }).url)?.blob ?? new Blob()),
  }
}
