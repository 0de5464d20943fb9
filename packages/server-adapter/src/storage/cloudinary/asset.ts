import { isRecord } from '@upload-panel/core/protocol'

/** What Cloudinary says of an asset, or of what happened to it. */
export type CloudinaryAsset = Readonly<Record<string, unknown>>

const TEXTS = ['asset_id', 'public_id', 'resource_type', 'type', 'format', 'etag', 'original_filename', 'display_name', 'created_at']
const NUMBERS = ['version', 'bytes', 'width', 'height', 'duration', 'pages']
const URLS = ['url', 'secure_url']

/** What a page may be told of an asset: not who uploaded it, nor which key signed. */
export function assetOf(raw: CloudinaryAsset): Record<string, unknown> {
  const eager = recordsOf(raw['eager']).map((version) => ({
    ...pick(version, ['transformation', 'format'], isText),
    ...pick(version, NUMBERS, isNumber),
    ...pick(version, URLS, isWebUrl),
  }))
  return {
    ...pick(raw, TEXTS, isText),
    ...pick(raw, NUMBERS, isNumber),
    ...pick(raw, URLS, isWebUrl),
    ...(Array.isArray(raw['tags']) && { tags: raw['tags'].filter(isText) }),
    ...(eager.length > 0 && { eager }),
  }
}

export function recordsOf(value: unknown): readonly CloudinaryAsset[] {
  return Array.isArray(value) ? value.filter(isRecord) : []
}

function pick(from: CloudinaryAsset, names: readonly string[], is: (value: unknown) => boolean): Record<string, unknown> {
  return Object.fromEntries(names.flatMap((name) => (is(from[name]) ? [[name, from[name]]] : [])))
}

const isText = (value: unknown): value is string => typeof value === 'string'
const isNumber = (value: unknown): boolean => typeof value === 'number'

/** "A URL in `result` is used only when it is http(s)." */
function isWebUrl(value: unknown): boolean {
  return isText(value) && /^https?:$/.test(URL.canParse(value) ? new URL(value).protocol : '')
}
