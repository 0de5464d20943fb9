import { createHash, randomBytes, randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { extname, parse } from 'node:path'
import { sendJson, serveHttp } from './http-service.ts'
import { type ReceivedForm, readForm } from './multipart.ts'
import type { Stoppable } from './service.ts'

/*
 * Not Cloudinary: a stand-in, written from what is public about its upload API, because its servers run nowhere else.
 *
 * - `POST /v1_1/{cloud}/{image|video|raw|auto}/upload` with multipart/form-data, and the fields of an answer:
 *   https://cloudinary.com/documentation/image_uploadingapi_reference
 * - Signatures: every parameter but `file`, `cloud_name`, `resource_type` and `api_key`, sorted, as `name=value` joined by `&`, the secret appended,
 *   in hexadecimal SHA-1 or SHA-256; good for an hour: https://cloudinary.com/documentation/authentication_signatures
 * - Chunks carry the same `X-Unique-Upload-Id` and a `Content-Range: bytes first-last/total`. Each but the last has at least 5 MB, the first goes
 *   first, the last goes when all others are there:
 *   https://support.cloudinary.com/hc/en-us/articles/208263735-Guidelines-for-self-implementing-chunked-upload-to-Cloudinary
 * - A chunk before the last is answered with `done: false` and the bytes so far; its `public_id` and `resource_type` may be missing:
 *   `NonFinalChunkUploadResponse` in https://github.com/cloudinary/asset-management-js
 * - Errors are `{"error":{"message":…}}`, and the message again in `X-Cld-Error`:
 *   https://cloudinary.com/documentation/ts_troubleshooting_failed_uploadingrequests
 * - Sentences, status codes and the request headers that CORS allows are those that people quote in public issues: an `Authorization` is not allowed
 *   (https://github.com/cloudinary/cloudinary_gem/issues/431), and a wrong signature answers 401 with the string to sign
 *   (https://github.com/cloudinary/cloudinary_npm/issues/59).
 *
 * - An asset with a public id of its own is kept: `GET …/resources/{type}/upload/{public_id}` and `?prefix=` of the Admin API tell of it, `POST …/{type}/destroy` of the
 *   upload API deletes it, and it is delivered as by res.cloudinary.com. With `overwrite` false a second upload answers the first, `existing: true`:
 *   https://cloudinary.com/documentation/admin_api, https://cloudinary.com/documentation/image_uploadingapi_reference
 * - `notification_url` is told of the upload: the answer and `notification_type`, signed by SHA-1 of body, timestamp and secret:
 *   https://cloudinary.com/documentation/notification_signatures
 *
 * It looks into no file: it does not refuse what is no image, and knows no width. Sending a chunk twice replaces it, which is an assumption.
 */

/** What tests need to know of the Cloudinary stand-in. */
export interface CloudinaryService {
  /** Stands for https://api.cloudinary.com. Without a slash at the end. */
  readonly url: string
  readonly cloudName: string
  readonly apiKey: string
  readonly apiSecret: string
  /** A preset that allows unsigned uploads. */
  readonly unsignedPreset: string
  /** A preset that wants a signature. */
  readonly signedPreset: string
}

const UPLOAD_PATH = /^\/v1_1\/(?<cloud>[^/]+)\/(?<kind>image|video|raw|auto)\/upload$/
const ADMIN_PATH = /^\/v1_1\/(?<cloud>[^/]+)\/resources\/(?<kind>image|video|raw)\/upload(?:\/(?<id>.+))?$/
const DESTROY_PATH = /^\/v1_1\/(?<cloud>[^/]+)\/(?<kind>image|video|raw)\/destroy$/
const DELIVERY_PATH = /^\/(?<cloud>[^/]+)\/(?<kind>image|video|raw)\/upload\/v\d+\/(?<id>.+)$/
const CONTENT_RANGE = /^bytes (\d+)-(\d+)\/(\d+|-1)$/
const SIGNATURE_AGE_S = 3600
const CHUNK_LEAST_BYTES = 5 * 1024 * 1024
/** Larger files must come in chunks. */
const REQUEST_MOST_BYTES = 100 * 1024 * 1024
const NOT_SIGNED = new Set(['file', 'cloud_name', 'resource_type', 'api_key', 'signature'])
const UNSIGNED_PARAMETERS =
  'upload_preset,callback,public_id,folder,asset_folder,tags,context,metadata,face_coordinates,custom_coordinates,source,filename_override,' +
  'manifest_transformation,manifest_json,template,template_vars,regions,public_id_prefix'
const CORS_REQUEST_HEADERS =
  'Cache-Control, Content-Disposition, Content-MD5, Content-Range, Content-Type, DPR, Viewport-Width, X-CSRF-Token, X-Prototype-Version, ' +
  'X-Requested-With, X-Unique-Upload-Id'

/** An answer that is an error. */
class Refusal extends Error {
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** What a signer answers for these parameters. */
export function signCloudinary(
  parameters: Readonly<Record<string, string>>,
  secret: string,
  algorithm: 'sha1' | 'sha256' = 'sha1',
): string {
  return createHash(algorithm)
    .update(stringToSign(parameters) + secret)
    .digest('hex')
}

const stringToSign = (parameters: Readonly<Record<string, string>>) =>
  Object.keys(parameters)
    .filter((name) => !NOT_SIGNED.has(name))
    .sort()
    .map((name) => `${name}=${parameters[name]}`)
    .join('&')

/** Takes unsigned and signed uploads, whole and in chunks, from any origin. The `etag` of a finished one is the MD5 of its bytes. */
export async function startCloudinary(): Promise<CloudinaryService & Stoppable> {
  const account = {
    cloudName: 'stand-in',
    apiKey: String(randomBytes(6).readUIntBE(0, 6)),
    apiSecret: randomBytes(20).toString('base64url'),
    unsignedPreset: 'unsigned',
    signedPreset: 'signed',
  }
  /** The chunks of uploads under way, by their first byte. */
  const uploads = new Map<string, Map<number, Buffer>>()
  /** What was uploaded under a name that its sender gave, by kind and public id. */
  const assets = new Map<string, { readonly asset: Record<string, unknown>; readonly bytes: Buffer }>()

  async function upload(request: IncomingMessage, cloud: string, kind: string): Promise<Record<string, unknown>> {
    if (cloud !== account.cloudName) throw new Refusal(401, `Invalid cloud_name ${cloud}`)
    const chunks: Buffer[] = []
    const form = await readForm(request, (chunk) => chunks.push(chunk))
    const bytes = Buffer.concat(chunks)
    const parameters = Object.fromEntries(form.fields)
    authorize(parameters)
    const [file] = form.files
    if (file?.field !== 'file') throw new Refusal(400, 'Missing required parameter - file')
    if (bytes.length === 0) throw new Refusal(400, 'Empty file')
    if (bytes.length > REQUEST_MOST_BYTES) {
      throw new Refusal(400, `File size too large. Got ${bytes.length}. Maximum is ${REQUEST_MOST_BYTES}.`)
    }
    const range = request.headers['content-range']
    if (range === undefined) return keep(bytes, kind, file, parameters)
    const whole = takeChunk(uniqueId(request, parameters), range, bytes)
    if ('done' in whole) return { ...whole, kind: 'upload', ...(kind !== 'auto' && { resource_type: kind }) }
    return { ...keep(whole.bytes, kind, file, parameters), done: true }
  }

  function keep(bytes: Buffer, kind: string, file: ReceivedForm['files'][number], parameters: Readonly<Record<string, string>>) {
    const made = asset(bytes, kind, file, parameters)
    if (parameters['public_id'] === undefined) return made
    const name = `${made.resource_type}/${made.public_id}`
    const known = assets.get(name)
    if (known !== undefined && parameters['overwrite'] === 'false') return { ...known.asset, existing: true }
    assets.set(name, { asset: made, bytes })
    const { notification_url: notified } = parameters
    if (notified !== undefined) void notify(notified, { ...made, notification_type: 'upload' })
    return made
  }

  /** Once: the real one tries three times more. */
  async function notify(url: string, notification: Record<string, unknown>): Promise<void> {
    const body = JSON.stringify({ ...notification, timestamp: new Date().toISOString(), request_id: randomBytes(16).toString('hex') })
    const timestamp = String(Math.floor(Date.now() / 1000))
    const signature = createHash('sha1')
      .update(body + timestamp + account.apiSecret)
      .digest('hex')
    const headers = { 'content-type': 'application/json', 'x-cld-timestamp': timestamp, 'x-cld-signature': signature }
    await fetch(url, { method: 'POST', body, headers }).catch(() => {})
  }

  function administer(request: IncomingMessage, kind: string, id: string | undefined, query: URLSearchParams): Record<string, unknown> {
    const expected = `Basic ${Buffer.from(`${account.apiKey}:${account.apiSecret}`).toString('base64')}`
    if (request.headers.authorization !== expected) throw new Refusal(401, 'Invalid credentials')
    if (id === undefined) {
      const prefix = `${kind}/${query.get('prefix') ?? ''}`
      return { resources: [...assets].filter(([name]) => name.startsWith(prefix)).map(([, kept]) => kept.asset) }
    }
    const kept = assets.get(`${kind}/${decodeURIComponent(id)}`)
    if (kept === undefined) throw new Refusal(404, `Resource not found - ${id}`)
    return kept.asset
  }

  async function destroy(request: IncomingMessage, kind: string): Promise<Record<string, unknown>> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const parameters = Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString()))
    authorize(parameters)
    return { result: assets.delete(`${kind}/${parameters['public_id']}`) ? 'ok' : 'not found' }
  }

  function deliver(request: IncomingMessage, response: ServerResponse, kind: string, path: string): void {
    const id = decodeURIComponent(path)
    const kept = assets.get(`${kind}/${id}`) ?? assets.get(`${kind}/${id.replace(/\.\w+$/, '')}`)
    if (kept === undefined) throw new Refusal(404, 'Not found')
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? []
    if (first === undefined) return void response.writeHead(200).end(kept.bytes)
    response.writeHead(206).end(kept.bytes.subarray(Number(first), Number(last) + 1))
  }

  function authorize(parameters: Readonly<Record<string, string>>): void {
    const { signature, timestamp, api_key: key, upload_preset: preset } = parameters
    if (preset !== undefined && preset !== account.unsignedPreset && preset !== account.signedPreset) {
      throw new Refusal(400, 'Upload preset not found')
    }
    if (signature === undefined) {
      if (preset === undefined) throw new Refusal(400, 'Upload preset must be specified when using unsigned upload')
      if (preset !== account.unsignedPreset) throw new Refusal(400, 'Upload preset must be whitelisted for unsigned uploads')
      const allowed = [...UNSIGNED_PARAMETERS.split(','), ...NOT_SIGNED, 'timestamp']
      const other = Object.keys(parameters).find((name) => !allowed.includes(name))
      if (other === undefined) return
      const sentence = `${capitalize(other)} parameter is not allowed when using unsigned upload.`
      throw new Refusal(400, `${sentence} Only ${UNSIGNED_PARAMETERS} upload parameters are allowed.`)
    }
    if (key !== account.apiKey) throw new Refusal(401, `Unknown API key ${key ?? ''}`)
    if (timestamp === undefined) throw new Refusal(400, 'Missing required parameter - timestamp')
    if (Date.now() / 1000 - Number(timestamp) > SIGNATURE_AGE_S) {
      throw new Refusal(400, `Stale request - reported time is ${timestamp} which is more than 1 hour ago`)
    }
    const algorithms = ['sha1', 'sha256'] as const
    if (algorithms.some((algorithm) => signCloudinary(parameters, account.apiSecret, algorithm) === signature)) return
    throw new Refusal(401, `Invalid Signature ${signature}. String to sign - '${stringToSign(parameters)}'.`)
  }

  function takeChunk(
    id: string,
    range: string,
    bytes: Buffer,
  ): { readonly done: false; readonly bytes: number } | { readonly bytes: Buffer } {
    const [, first = '', last = '', total = ''] = CONTENT_RANGE.exec(range) ?? []
    const start = Number(first)
    if (first === '' || Number(last) - start + 1 !== bytes.length) throw new Refusal(400, `Invalid Content-Range ${range}`)
    const isLast = Number(last) + 1 === Number(total)
    if (!isLast && bytes.length < CHUNK_LEAST_BYTES) throw new Refusal(400, 'All parts except EOF-chunk must be larger than 5mb')
    const parts = uploads.get(id) ?? new Map<number, Buffer>()
    if (start > 0 && !parts.has(0)) throw new Refusal(400, 'The first chunk has not been received')
    uploads.set(id, parts.set(start, bytes))
    const inOrder = [...parts].sort(([a], [b]) => a - b).map(([, part]) => part)
    const received = inOrder.reduce((sum, part) => sum + part.length, 0)
    if (!isLast) return { done: false, bytes: received }
    if (received !== Number(total)) {
      parts.delete(start)
      throw new Refusal(400, `The last chunk came when only ${received} of ${total} bytes had been received`)
    }
    uploads.delete(id)
    return { bytes: Buffer.concat(inOrder) }
  }

  function asset(bytes: Buffer, kind: string, file: ReceivedForm['files'][number], parameters: Readonly<Record<string, string>>) {
    const type = kind === 'auto' ? detectedKind(file.type) : kind
    const version = Math.floor(Date.now() / 1000)
    const folder = parameters['folder'] === undefined ? '' : `${parameters['folder']}/`
    const format = extname(file.name).slice(1)
    const id = folder + (parameters['public_id'] ?? randomBytes(10).toString('hex'))
    // Raw files keep their extension as a part of the name.
    const publicId = type === 'raw' && format !== '' && !id.endsWith(`.${format}`) ? `${id}.${format}` : id
    const path = `/${account.cloudName}/${type}/upload/v${version}/${publicId}${type === 'raw' || format === '' ? '' : `.${format}`}`
    return {
      asset_id: randomUUID().replaceAll('-', ''),
      public_id: publicId,
      version,
      signature: signCloudinary({ public_id: publicId, version: String(version) }, account.apiSecret),
      ...(type !== 'raw' && { format }),
      resource_type: type,
      created_at: new Date(version * 1000).toISOString().replace('.000', ''),
      tags: parameters['tags']?.split(',') ?? [],
      ...(parameters['context'] !== undefined && {
        context: { custom: Object.fromEntries(parameters['context'].split('|').map((pair) => pair.split('='))) },
      }),
      bytes: bytes.length,
      type: 'upload',
      etag: createHash('md5').update(bytes).digest('hex'),
      placeholder: false,
      url: `http://res.cloudinary.com${path}`,
      secure_url: `https://res.cloudinary.com${path}`,
      original_filename: parse(file.name).name,
    }
  }

  const http = await serveHttp(async (request, response) => {
    allowAnyOrigin(request, response)
    if (request.method === 'OPTIONS') return void response.writeHead(200).end()
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://stand-in')
    const [uploading, admin, destroyed, delivered] = [UPLOAD_PATH, ADMIN_PATH, DESTROY_PATH, DELIVERY_PATH].map(
      (path) => path.exec(pathname)?.groups,
    )
    const kind = (uploading ?? admin ?? destroyed ?? delivered)?.['kind'] ?? ''
    try {
      if (request.method === 'GET' && delivered !== undefined) return deliver(request, response, kind, delivered['id'] ?? '')
      if (request.method === 'GET' && admin !== undefined)
        return sendJson(response, 200, administer(request, kind, admin['id'], searchParams))
      if (request.method === 'POST' && destroyed !== undefined) return sendJson(response, 200, await destroy(request, kind))
      if (request.method !== 'POST' || uploading === undefined) throw new Refusal(404, 'Not found')
      sendJson(response, 200, await upload(request, decodeURIComponent(uploading['cloud'] ?? ''), kind))
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      request.resume()
      sendJson(response, error.status, { error: { message: error.message } }, { 'x-cld-error': error.message })
    }
  })
  return { ...account, ...http }
}

/** Chunks without the header belong together by their `public_id`, which they then must have (https://github.com/rpldy/react-uploady/issues/235). */
function uniqueId(request: IncomingMessage, { public_id: publicId }: Readonly<Record<string, string>>): string {
  const id = request.headers['x-unique-upload-id'] ?? publicId
  if (typeof id !== 'string') throw new Refusal(400, 'Missing required parameter - public_id')
  return id
}

function allowAnyOrigin(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('access-control-allow-origin', request.headers.origin ?? '*')
  response.setHeader('access-control-allow-methods', 'GET, POST, PUT, DELETE, OPTIONS')
  response.setHeader('access-control-allow-headers', CORS_REQUEST_HEADERS)
}

function detectedKind(mimeType: string): string {
  if (mimeType.startsWith('image/') || mimeType === 'application/pdf') return 'image'
  return /^(?:video|audio)\//.test(mimeType) ? 'video' : 'raw'
}

/** `allowed_formats` becomes `Allowed formats`. */
const capitalize = (name: string) => name.charAt(0).toUpperCase() + name.slice(1).replaceAll('_', ' ')
