import { createHash } from 'node:crypto'
import { isRecord } from '@upload-panel/core/protocol'
import { Refusal } from '../../errors.js'
import type { CloudinaryAsset } from './asset.js'
import { recordsOf } from './asset.js'

/** `fetch`, as far as it is needed here. */
export type CloudinaryFetch = (url: string, init: RequestInit) => Promise<Response>

export interface CloudinaryAccount {
  readonly cloudName: string
  /** Not a secret: it is sent along with what is signed. */
  readonly apiKey: string
  readonly apiSecret: string
}

export interface CloudinaryApiOptions extends CloudinaryAccount {
  /** Without a slash at the end. */
  readonly apiUrl: string
  readonly fetch: CloudinaryFetch
  now(): number
}

export type ResourceType = 'image' | 'video' | 'raw'

/** The calls that a server makes: for assets by their public id. */
export interface CloudinaryApi {
  /** An asset; `undefined` where there is none of these types. */
  find(publicId: string, types: readonly ResourceType[]): Promise<CloudinaryAsset | undefined>
  /** Deletes an asset of any type. Idempotent. */
  destroy(publicId: string): Promise<void>
}

const NOT_SIGNED: ReadonlySet<string> = new Set(['file', 'cloud_name', 'resource_type', 'api_key', 'signature'])
const PATIENCE_MS = 15_000

/** "Sort all the parameters, separate names and values with `=`, join the pairs with `&`, append the API secret": https://cloudinary.com/documentation/authentication_signatures */
export function signFields(fields: Readonly<Record<string, string | number>>, secret: string, algorithm: 'sha1' | 'sha256'): string {
  const names = Object.keys(fields).filter((name) => !NOT_SIGNED.has(name) && fields[name] !== '')
  const text = names
    .sort()
    .map((name) => `${name}=${fields[name]}`)
    .join('&')
  return createHash(algorithm)
    .update(text + secret)
    .digest('hex')
}

export function createCloudinaryApi({ cloudName, apiKey, apiSecret, apiUrl, fetch, now }: CloudinaryApiOptions): CloudinaryApi {
  const root = `${apiUrl}/v1_1/${encodeURIComponent(cloudName)}`
  const authorization = `Basic ${Buffer.from(`${apiKey}:${apiSecret}`).toString('base64')}`

  /** `undefined` where it does not exist. */
  async function call(path: string, init: RequestInit): Promise<Record<string, unknown> | undefined> {
    const response = await fetch(`${root}${path}`, { ...init, signal: AbortSignal.timeout(PATIENCE_MS), redirect: 'error' }).catch(
      unavailable,
    )
    if (response.status === 404) return undefined
    // 420 is what it answers where its Admin API was asked too often in an hour.
    if (response.status === 420 || response.status === 429) {
      throw new Refusal(503, 'storage_busy', 'The storage has too much to do. Try again in a moment.', { retryable: true })
    }
    if (!response.ok) return unavailable(new Error(`Cloudinary answered ${response.status}: ${response.headers.get('x-cld-error') ?? ''}`))
    const answer: unknown = await response.json().catch(unavailable)
    return isRecord(answer) ? answer : unavailable(new Error('Cloudinary answered something that is no object.'))
  }

  const get = (path: string) => call(path, { headers: { authorization } })

  async function find(publicId: string, types: readonly ResourceType[]): Promise<CloudinaryAsset | undefined> {
    for (const type of types) {
      // What is neither image nor video may have the end of its file's name behind its public id.
      const asset = type === 'raw' ? await findRaw(publicId) : await get(`/resources/${type}/upload/${pathOf(publicId)}`)
      if (asset !== undefined) return asset
    }
    return undefined
  }

  async function findRaw(publicId: string): Promise<CloudinaryAsset | undefined> {
    const page = await get(`/resources/raw/upload?max_results=1&prefix=${encodeURIComponent(publicId)}`)
    return recordsOf(page?.['resources'])[0]
  }

  async function destroyOne(type: ResourceType, public_id: string): Promise<boolean> {
    const fields = { public_id, timestamp: Math.floor(now() / 1000) }
    const body = new URLSearchParams({
      public_id,
      timestamp: String(fields.timestamp),
      api_key: apiKey,
      signature: signFields(fields, apiSecret, 'sha256'),
    })
    return (await call(`/${type}/destroy`, { method: 'POST', body }))?.['result'] === 'ok'
  }

  return {
    find,
    async destroy(publicId) {
      for (const type of ['image', 'video'] as const) if (await destroyOne(type, publicId)) return
      const raw = (await findRaw(publicId))?.['public_id']
      if (typeof raw === 'string') await destroyOne('raw', raw)
    },
  }
}

const pathOf = (publicId: string): string => publicId.split('/').map(encodeURIComponent).join('/')

function unavailable(cause: unknown): never {
  throw new Refusal(502, 'storage_unavailable', 'The storage of this server cannot be used at the moment.', { retryable: true, cause })
}
