import { Readable } from 'node:stream'
import type { CloudinaryPlan } from '@upload-panel/core/protocol'
import type { ObjectStorage, StorageContext, StoredObject, StorageTarget } from '../object-storage.js'
import { missingBytes } from '../refusals.js'
import {
  type CloudinaryAccount,
  type CloudinaryApi,
  type CloudinaryFetch,
  createCloudinaryApi,
  type ResourceType,
  signFields,
} from './api.js'
import { assetOf, type CloudinaryAsset } from './asset.js'

/** Fields of Cloudinary's upload API, by their names there. They are signed, so that no client changes them. */
export type CloudinaryUploadFields = Readonly<Record<string, string | number>>

/** Options of {@link cloudinary}. */
export interface CloudinaryOptions {
  readonly cloudName: string | undefined
  /** Not a secret: it is sent along with what is signed. */
  readonly apiKey: string | undefined
  readonly apiSecret: string | undefined
  /** @default 'auto' */
  readonly resourceType?: 'auto' | ResourceType
  /** Comes before the operation's id in the asset's `public_id`. @default none */
  readonly folder?: string
  /** Such as `upload_preset`, `allowed_formats`, `eager`, `moderation`, `notification_url`. @default none */
  readonly fields?: CloudinaryUploadFields | ((upload: Pick<StorageTarget, 'operationId' | 'size' | 'type'>) => CloudinaryUploadFields)
  /** Bytes of a chunk, at least 5 MiB. @default 20 MiB */
  readonly chunkBytes?: number
  /** What is signed with. @default 'sha256' */
  readonly algorithm?: 'sha1' | 'sha256'
  /** Of another region, such as `https://api-eu.cloudinary.com`. @default 'https://api.cloudinary.com' */
  readonly apiUrl?: string
  /** @default the global one */
  readonly fetch?: CloudinaryFetch
}

const MIN_CHUNK_BYTES = 5 * 2 ** 20
/** A signature is good for an hour. */
const SIGNED_FOR_S = 3600
/** An account may ask some hundred times an hour: what was found is known for as long as one completion takes, milliseconds. */
const KNOWN_FOR_MS = 10_000
const MAX_KNOWN = 1000
const FOLDER = /^[\w.-]+(\/[\w.-]+)*$/

/**
 * Cloudinary as storage: files go straight there, by fields that this server signs, and the asset becomes the operation's `result`.
 * Its page needs the strategy `cloudinaryStrategy` of `@upload-panel/core/cloudinary`. Several nodes may use it at once.
 */
export function cloudinary(options: CloudinaryOptions): ObjectStorage {
  const { resourceType = 'auto', folder, fields = {}, chunkBytes, algorithm = 'sha256' } = options
  const { cloudName, apiKey, apiSecret } = readAccount(options)
  if (chunkBytes !== undefined && !(Number.isInteger(chunkBytes) && chunkBytes >= MIN_CHUNK_BYTES))
    throw new TypeError(`cloudinary: chunkBytes must be a whole number of at least ${MIN_CHUNK_BYTES} (5 MiB).`)
  if (folder !== undefined && !FOLDER.test(folder)) throw new TypeError('cloudinary: folder must be a path such as app/uploads.')
  const apiUrl = (options.apiUrl ?? 'https://api.cloudinary.com').replace(/\/+$/, '')
  const load: CloudinaryFetch = options.fetch ?? ((url, init) => fetch(url, init))
  let opened: (StorageContext & { readonly api: CloudinaryApi }) | undefined

  function context() {
    if (opened === undefined) throw new Error('The storage is not open: createSyncServer opens it, and close() ends its use.')
    return opened
  }
  const publicIdOf = (operationId: string) => (folder === undefined ? operationId : `${folder}/${operationId}`)

  const known = new Map<string, { readonly asset: CloudinaryAsset; readonly untilMs: number }>()
  async function find(operationId: string, type?: string): Promise<CloudinaryAsset | undefined> {
    const asset = await context().api.find(publicIdOf(operationId), likelyFirst(type))
    known.delete(operationId)
    if (asset !== undefined) known.set(operationId, { asset, untilMs: context().clock.now() + KNOWN_FOR_MS })
    for (const oldest of known.keys()) if (known.size > MAX_KNOWN) known.delete(oldest)
    return asset
  }
  async function recall(operationId: string): Promise<CloudinaryAsset | undefined> {
    const { asset, untilMs = 0 } = known.get(operationId) ?? {}
    return untilMs > context().clock.now() ? asset : find(operationId)
  }

  function signed({ operationId, size, type }: StorageTarget): CloudinaryUploadFields {
    const own = typeof fields === 'function' ? fields({ operationId, size, type }) : fields
    const named = `operation_id=${operationId}`
    const all = {
      ...own,
      public_id: publicIdOf(operationId),
      // Sent with the asset's notifications, however it is called there.
      context: own['context'] === undefined ? named : `${own['context']}|${named}`,
      // What is there is not replaced, as long as the signature is good.
      overwrite: 'false',
      timestamp: Math.floor(context().clock.now() / 1000),
    }
    return { ...all, api_key: apiKey, signature: signFields(all, apiSecret, algorithm) }
  }

  return {
    kind: 'cloudinary',
    isShared: true,
    async open(given) {
      opened = { ...given, api: createCloudinaryApi({ cloudName, apiKey, apiSecret, apiUrl, fetch: load, now: given.clock.now }) }
    },
    async plan(target): Promise<CloudinaryPlan> {
      const url = `${apiUrl}/v1_1/${encodeURIComponent(cloudName)}/${resourceType}/upload`
      return {
        kind: 'cloudinary',
        url,
        fields: signed(target),
        ...(chunkBytes !== undefined && { chunk_bytes: chunkBytes }),
        expires_in_s: SIGNED_FOR_S,
      }
    },
    async signParts() {
      throw new TypeError('Cloudinary takes no signed parts.')
    },
    listParts: async () => [],
    // An account may make another file of what it is sent, so that sizes say nothing.
    async complete({ operationId, type }) {
      if ((await find(operationId, type)) === undefined) throw missingBytes('Cloudinary does not have this file.')
    },
    async read(operationId) {
      const asset = await recall(operationId)
      return asset && objectOf(asset, load)
    },
    async describe(operationId) {
      const asset = await recall(operationId)
      return asset && assetOf(asset)
    },
    discard(operationId) {
      known.delete(operationId)
      return context().api.destroy(publicIdOf(operationId))
    },
    async *unsealed() {
      // A file that has not come whole is forgotten by Cloudinary itself.
    },
    async close() {},
  }
}

/** Every question counts, in an hour. */
function likelyFirst(type = ''): readonly ResourceType[] {
  if (/^(video|audio)\//.test(type)) return ['video', 'image', 'raw']
  return type === '' || type === 'application/pdf' || type.startsWith('image/') ? ['image', 'video', 'raw'] : ['raw', 'image', 'video']
}

const asStream = (chunks: AsyncIterable<Uint8Array>) => Readable.toWeb(Readable.from(chunks)) as ReadableStream<Uint8Array>

function objectOf(asset: CloudinaryAsset, load: CloudinaryFetch): StoredObject | undefined {
  const { bytes, secure_url } = assetOf(asset)
  if (typeof bytes !== 'number' || typeof secure_url !== 'string') return undefined
  const url = secure_url

  async function* content(start: number, end: number) {
    if (end <= start) return
    const response = await load(url, { headers: { range: `bytes=${start}-${end - 1}` } })
    if (!response.ok) throw missingBytes(`Cloudinary answered ${response.status} for the content of this file.`)
    // Without ranges it sends all of it.
    let left = response.status === 206 ? 0 : start
    let wanted = end - start
    for await (const chunk of response.body ?? []) {
      const from = Math.min(left, chunk.byteLength)
      left -= from
      const piece = chunk.subarray(from, from + wanted)
      wanted -= piece.byteLength
      if (piece.byteLength > 0) yield piece
      if (wanted === 0) return
    }
  }
  return { size: bytes, stream: ({ start = 0, end = bytes } = {}) => asStream(content(start, Math.min(end, bytes))) }
}

/** @throws `TypeError` where something is missing. */
function readAccount({ cloudName, apiKey, apiSecret }: CloudinaryOptions): CloudinaryAccount {
  const given = (name: string, value: unknown): string => {
    if (typeof value !== 'string' || value === '') throw new TypeError(`cloudinary needs ${name}. Is the variable set from which it comes?`)
    return value
  }
  return { cloudName: given('cloudName', cloudName), apiKey: given('apiKey', apiKey), apiSecret: given('apiSecret', apiSecret) }
}
