import { isId, isRecord, type Parsed } from './sync-status-update.js'

/** Strategies that the server may plan and the client may prefer. */
export type PlanKind = 'put' | 'multipart' | 'tus' | 'form' | 'cloudinary'

/** The whole file in one PUT to a signed URL. */
export interface PutPlan {
  readonly kind: 'put'
  readonly url: string
  readonly method: 'PUT'
  readonly headers: Readonly<Record<string, string>>
  /** How long the URL stays valid, in seconds from receipt: nobody compares clocks (rule 2). */
  readonly expires_in_s: number
}

/** One part of a multipart upload and the signed URL for it. */
export interface SignedPart {
  /** From 1. */
  readonly part_number: number
  readonly url: string
}

/** The file in parts, S3 multipart's shape. */
export interface MultipartPlan {
  readonly kind: 'multipart'
  readonly upload_id: string
  /** Bytes of every part but the last. */
  readonly part_bytes: number
  /** URLs signed ahead; the rest come from the `parts` route. */
  readonly parts?: readonly SignedPart[]
  readonly expires_in_s: number
}

/** How the bytes of one file get into storage, decided by the server. */
export type UploadPlan = PutPlan | MultipartPlan

/** A part that storage already holds. */
export interface StoredPart {
  readonly part_number: number
  /** Bytes. */
  readonly size: number
  readonly etag?: string
}

/** S3's limit, kept by every storage of ours so that a plan can move between them. */
export const MAX_PARTS = 10_000

const isUrl = (value: unknown): value is string => typeof value === 'string' && value.length > 0 && value.length <= 8192
const isPositive = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value) && value > 0

/** Reads one signed part. */
export function isSignedPart(value: unknown): value is SignedPart {
  return isRecord(value) && Number.isInteger(value['part_number']) && (value['part_number'] as number) >= 1 && isUrl(value['url'])
}

/** Reads one stored part. */
export function isStoredPart(value: unknown): value is StoredPart {
  return (
    isRecord(value) &&
    Number.isInteger(value['part_number']) &&
    (value['part_number'] as number) >= 1 &&
    Number.isSafeInteger(value['size'])
  )
}

/** Reads a plan. Never throws. A kind that this version does not know is an error with its name, not a crash later on. */
export function parseUploadPlan(raw: unknown): Parsed<UploadPlan> {
  if (!isRecord(raw)) return { ok: false, reason: 'plan is not an object' }
  const common = isPositive(raw['expires_in_s'])
  if (raw['kind'] === 'put') {
    const headers = raw['headers'] ?? {}
    const valid = common && isUrl(raw['url']) && isRecord(headers) && Object.values(headers).every((v) => typeof v === 'string')
    return valid
      ? { ok: true, value: { ...raw, method: 'PUT', headers } as unknown as PutPlan }
      : { ok: false, reason: 'put plan is malformed' }
  }
  if (raw['kind'] === 'multipart') {
    const parts = raw['parts']
    const valid =
      common &&
      isId(raw['upload_id']) &&
      Number.isSafeInteger(raw['part_bytes']) &&
      isPositive(raw['part_bytes']) &&
      (parts === undefined || (Array.isArray(parts) && parts.every(isSignedPart)))
    return valid ? { ok: true, value: raw as unknown as MultipartPlan } : { ok: false, reason: 'multipart plan is malformed' }
  }
  return { ok: false, reason: `plan kind ${JSON.stringify(raw['kind'])?.slice(0, 40)} is unknown` }
}
