import { UploadError } from '../errors.js'
import { sendToCloudinary } from '../strategies/cloudinary.js'
import { textFields, type TextFields } from '../strategies/form.js'
import { createSigning, type FileToSend } from '../strategies/signed.js'
import type { UploadStrategy } from '../strategies/strategy.js'
import type { UploadBackendFactory } from './backend.js'
import { directBackend } from './direct-backend.js'

export { cloudinaryStrategy } from '../strategies/cloudinary.js'

/** Fields of Cloudinary's upload API, by their names there; one that is `undefined` is left out. */
export type CloudinaryFields = TextFields

/** What a server that knows the API secret answers. Fields that it adds, or changes, are sent as it says: it has signed them. */
export interface CloudinarySignature {
  readonly signature: string
  /** Seconds since the epoch. Best the server's own: the clock of the person's device may be wrong. @default the one in `params` */
  readonly timestamp?: number
  /** @default the option `apiKey` */
  readonly api_key?: string
  readonly [field: string]: string | number | undefined
}

/** What `cloudinary` takes: `cloudName`, and `uploadPreset` or `sign`. */
export interface CloudinaryOptions {
  readonly cloudName: string
  /** An unsigned preset; or any, together with `sign`. */
  readonly uploadPreset?: string
  /**
   * Has your server sign `params`, with a `timestamp` among them. Asked just before a file is sent, and again where that is more than an hour ago.
   * @example
   * sign: async (params, { signal }) => (await fetch('/sign', { method: 'POST', body: JSON.stringify(params), signal })).json()
   */
  readonly sign?: (params: CloudinaryFields, file: FileToSend) => CloudinarySignature | Promise<CloudinarySignature>
  /** Not a secret. For signed uploads, unless the server answers it. */
  readonly apiKey?: string
  /** Where Cloudinary puts the files. @default the root, or what the preset says */
  readonly folder?: string
  /** Other fields, such as `public_id`, `tags` or `context`. */
  readonly fields?: CloudinaryFields | ((file: FileToSend) => CloudinaryFields | Promise<CloudinaryFields>)
  /** @default 'auto' */
  readonly resourceType?: 'auto' | 'image' | 'video' | 'raw'
  /** Bytes of a chunk, at least 5 MiB. A file that is not larger goes in one request. @default 20971520 (20 MiB) */
  readonly chunkBytes?: number
  /** Of another region, such as `https://api-eu.cloudinary.com`. @default 'https://api.cloudinary.com' */
  readonly apiUrl?: string
}

/** Cloudinary's rule for every chunk but the last. */
const MIN_CHUNK_BYTES = 5 * 2 ** 20
/** A signature is good for an hour. */
const SIGNED_FOR_S = 3600

/**
 * Sends files to Cloudinary, unsigned by a preset or signed by your server. The item's result is Cloudinary's answer, with `public_id` and
 * `secure_url`.
 *
 * @example
 * createUploader({ backend: cloudinary({ cloudName: 'demo', uploadPreset: 'web' }) })
 */
export function cloudinary(options: CloudinaryOptions): UploadBackendFactory {
  const { cloudName, uploadPreset, sign, apiKey, folder, fields = {}, resourceType = 'auto', chunkBytes } = options
  if (uploadPreset === undefined && sign === undefined)
    throw new UploadError('validation', 'cloudinary needs an unsigned uploadPreset, or sign, which has your server sign uploads.')
  if (chunkBytes !== undefined && !(Number.isInteger(chunkBytes) && chunkBytes >= MIN_CHUNK_BYTES))
    throw new UploadError('validation', `chunkBytes must be a whole number of at least ${MIN_CHUNK_BYTES} (5 MiB), not ${chunkBytes}.`)
  const { apiUrl = 'https://api.cloudinary.com' } = options
  const url = `${apiUrl.replace(/\/+$/, '')}/v1_1/${encodeURIComponent(cloudName)}/${resourceType}/upload`

  return directBackend(({ clock }) => {
    async function fieldsOf(file: FileToSend): Promise<{ readonly fields: CloudinaryFields; readonly expiresInS?: number }> {
      const own = typeof fields === 'function' ? await fields(file) : fields
      const params = Object.fromEntries(textFields({ upload_preset: uploadPreset, folder, ...own }))
      if (sign === undefined) return { fields: params }
      const stamped = { ...params, timestamp: Math.floor(clock.now() / 1000) }
      const signed = await sign(stamped, file)
      if (typeof signed?.signature !== 'string')
        throw new UploadError('bad_answer', 'What was given to cloudinary did not answer with a signature.')
      return { fields: { ...stamped, api_key: apiKey, ...signed }, expiresInS: SIGNED_FOR_S }
    }

    const signing = createSigning(clock, fieldsOf)
    const strategy: UploadStrategy = {
      kind: 'cloudinary-direct',
      async upload(source, _plan, context) {
        const signed = await signing(source, context)
        try {
          return await sendToCloudinary(source, context, { url, chunkBytes, fields: async () => (await signed.use()).fields })
        } finally {
          signed.release()
        }
      },
    }
    return { strategy, address: () => url }
  })
}
