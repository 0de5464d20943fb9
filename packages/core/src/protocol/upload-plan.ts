import { isChecksumAlgorithm, type PlannedChecksum } from './checksum.js'
import { isRecord } from './json.js'
import type { Parsed } from './sync-status-update.js'

/** Strategies that the server may plan and the client may prefer. */
export type PlanKind = 'put' | 'multipart' | 'tus' | 'form' | 'cloudinary'

/** The whole file in one PUT to a signed URL. */
export interface PutPlan {
  readonly kind: 'put'
  readonly url: string
  readonly method: 'PUT'
  /** The content type is the file's own, unless it stands here. */
  readonly headers: Readonly<Record<string, string>>
  /** How long the URL stays valid, in seconds from receipt: nobody compares clocks (rule 2). */
  readonly expires_in_s: number
  /** Absent: none is asked for, or the client has announced it. */
  readonly checksum?: PlannedChecksum
  /** The answer to the bytes is that of `complete`: nothing else has to be called. */
  readonly completes?: boolean
}

/** One part of a multipart upload and the signed URL for it. */
export interface SignedPart {
  /** From 1. */
  readonly part_number: number
  readonly url: string
  /** To be sent with the part: what was signed with the URL. */
  readonly headers?: Readonly<Record<string, string>>
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
  /** Of each part, told when its URL is asked for. Absent: none. */
  readonly checksum?: PlannedChecksum
}

/** The file to a tus server. */
export interface TusPlan {
  readonly kind: 'tus'
  /** Where uploads are created. */
  readonly endpoint: string
  /** The upload, where the server has created it already. */
  readonly upload_url?: string
  /** For the origins that the plan names, and for no other. */
  readonly headers?: Readonly<Record<string, string>>
  /** `Upload-Metadata`: names without spaces and commas, and any text. */
  readonly metadata?: Readonly<Record<string, string>>
  /** Most bytes of one request. Absent: all that is left of the file. */
  readonly chunk_bytes?: number
  /** Pieces of one file that may be sent at the same time, where the tus server can put them together. Absent: one. */
  readonly parallel?: number
  /** What the tus server can do besides the core protocol, in the words of its `Tus-Extension`. Absent: it is asked. */
  readonly extensions?: readonly string[]
  readonly expires_in_s?: number
}

/** The file in a form, `multipart/form-data`. It comes last: S3 ignores the fields after it, and others want to know them before. */
export interface FormPlan {
  readonly kind: 'form'
  readonly url: string
  /** @default 'POST' */
  readonly method?: 'POST' | 'PUT'
  /** Name of the field with the file. @default 'file' */
  readonly file_field?: string
  /** The other fields, in their order. */
  readonly fields?: Readonly<Record<string, string | number>>
  readonly headers?: Readonly<Record<string, string>>
  /** Where the fields, or the URL, are a permission that ends. */
  readonly expires_in_s?: number
}

/** The file to Cloudinary's upload API: in one request, or in chunks one after the other. */
export interface CloudinaryPlan {
  readonly kind: 'cloudinary'
  /** `https://api.cloudinary.com/v1_1/<cloud>/<resource type>/upload` */
  readonly url: string
  /** `upload_preset`, or `api_key`, `timestamp`, `signature` and what was signed with them. */
  readonly fields: Readonly<Record<string, string | number>>
  /** Bytes of every chunk but the last, at least 5 MiB; what is not larger goes in one request. @default 20971520 (20 MiB) */
  readonly chunk_bytes?: number
  /** A signature is good for an hour. */
  readonly expires_in_s?: number
}

/** How the bytes of one file get into storage, decided by the server. */
export type UploadPlan = PutPlan | MultipartPlan

/** What is known of every plan, also of one for a strategy of the user's own. */
export interface AnyPlan {
  readonly kind: string
  /** How long it can be begun, in seconds from receipt. Absent: for ever. */
  readonly expires_in_s?: number
}

/** A part that storage already holds. */
export interface StoredPart {
  readonly part_number: number
  /** Bytes. */
  readonly size: number
  readonly etag?: string | undefined
  /** Base64, by the plan's algorithm, where storage tells it. */
  readonly checksum?: string | undefined
}

/** S3's limit, kept by every storage of ours so that a plan can move between them. */
export const MAX_PARTS = 10_000

/** Longest URL, or name that storage gave to an upload (R2's are longer than an identifier of ours). */
const MAX_OPAQUE_LENGTH = 8192

const isText = (value: unknown): value is string => typeof value === 'string'
const isOpaque = (value: unknown): value is string => isText(value) && value.length > 0 && value.length <= MAX_OPAQUE_LENGTH
const isPositive = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value) && value > 0
const isPositiveInteger = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0
const isPartNumber = (value: unknown): value is number => isPositiveInteger(value) && value <= MAX_PARTS
const isAbsentOr = (is: (field: unknown) => boolean, field: unknown): boolean => field === undefined || is(field)

/** Reads one signed part. */
export function isSignedPart(value: unknown): value is SignedPart {
  if (!isRecord(value)) return false
  const { part_number: number, url, headers } = value
  return isPartNumber(number) && isOpaque(url) && isAbsentOr(isTexts, headers)
}

/** Reads one stored part. */
export function isStoredPart(value: unknown): value is StoredPart {
  if (!isRecord(value)) return false
  const { part_number: number, size, etag, checksum } = value
  return isPartNumber(number) && (size === 0 || isPositiveInteger(size)) && isAbsentOr(isText, etag) && isAbsentOr(isText, checksum)
}

/** Reads a plan. Never throws. A kind that this version does not know is an error with its name, not a crash later on. */
export function parseUploadPlan(raw: unknown): Parsed<UploadPlan> {
  if (!isRecord(raw)) return { ok: false, reason: 'plan is not an object' }
  switch (raw['kind']) {
    case 'put':
      return parsed(readPutPlan(raw), 'put')
    case 'multipart':
      return parsed(readMultipartPlan(raw), 'multipart')
    default: {
      const kind = typeof raw['kind'] === 'string' ? `"${raw['kind'].slice(0, 40)}"` : 'without a name'
      return { ok: false, reason: `plan kind ${kind} is unknown` }
    }
  }
}

function parsed(plan: UploadPlan | undefined, kind: PlanKind): Parsed<UploadPlan> {
  return plan === undefined ? { ok: false, reason: `${kind} plan is malformed` } : { ok: true, value: plan }
}

/** Reads a plan of the kind `put`; `undefined` where it is malformed. */
export function readPutPlan(raw: Record<string, unknown>): PutPlan | undefined {
  const { url, headers: given, expires_in_s, checksum, completes, ...more } = raw
  const headers = given ?? {}
  if (!isOpaque(url) || !isPositive(expires_in_s) || !isTexts(headers) || !isPlannedChecksum(checksum)) return undefined
  return {
    ...more,
    kind: 'put',
    method: 'PUT',
    url,
    headers,
    expires_in_s,
    ...(checksum !== undefined && { checksum }),
    ...(completes === true && { completes }),
  }
}

/** Reads a plan of the kind `multipart`; `undefined` where it is malformed. */
export function readMultipartPlan(raw: Record<string, unknown>): MultipartPlan | undefined {
  const { upload_id, part_bytes, parts: given, expires_in_s, checksum, ...more } = raw
  const parts = given ?? []
  if (!isOpaque(upload_id) || !isPositiveInteger(part_bytes) || !isPositive(expires_in_s)) return undefined
  if (!Array.isArray(parts) || parts.length > MAX_PARTS || !parts.every(isSignedPart)) return undefined
  if (!isPlannedChecksum(checksum)) return undefined
  return {
    ...more,
    kind: 'multipart',
    upload_id,
    part_bytes,
    ...(parts.length > 0 && { parts }),
    expires_in_s,
    ...(checksum !== undefined && { checksum }),
  }
}

/** Reads a plan of the kind `tus`; `undefined` where it is malformed. */
export function readTusPlan(raw: Record<string, unknown>): TusPlan | undefined {
  const plan = withoutNulls(raw)
  return isTusPlan(plan) ? plan : undefined
}

function isTusPlan(value: Record<string, unknown>): value is Record<string, unknown> & TusPlan {
  const { kind, endpoint, upload_url, headers, metadata, chunk_bytes, parallel, extensions, expires_in_s } = value
  return (
    kind === 'tus' &&
    isOpaque(endpoint) &&
    isAbsentOr(isOpaque, upload_url) &&
    isAbsentOr(isTexts, headers) &&
    isAbsentOr(isTexts, metadata) &&
    isAbsentOr(isPositiveInteger, chunk_bytes) &&
    isAbsentOr(isPositiveInteger, parallel) &&
    isAbsentOr(isWords, extensions) &&
    isAbsentOr(isPositive, expires_in_s)
  )
}

/** Reads a plan of the kind `form`; `undefined` where it is malformed. */
export function readFormPlan(raw: Record<string, unknown>): FormPlan | undefined {
  const plan = withoutNulls(raw)
  return isFormPlan(plan) ? plan : undefined
}

function isFormPlan(value: Record<string, unknown>): value is Record<string, unknown> & FormPlan {
  const { kind, url, method, file_field, fields, headers, expires_in_s } = value
  return (
    kind === 'form' &&
    isOpaque(url) &&
    (method === undefined || method === 'POST' || method === 'PUT') &&
    isAbsentOr(isOpaque, file_field) &&
    isAbsentOr(isFields, fields) &&
    isAbsentOr(isTexts, headers) &&
    isAbsentOr(isPositive, expires_in_s)
  )
}

/** Reads a plan of the kind `cloudinary`; `undefined` where it is malformed. */
export function readCloudinaryPlan(raw: Record<string, unknown>): CloudinaryPlan | undefined {
  const plan = withoutNulls(raw)
  return isCloudinaryPlan(plan) ? plan : undefined
}

function isCloudinaryPlan(value: Record<string, unknown>): value is Record<string, unknown> & CloudinaryPlan {
  const { kind, url, fields, chunk_bytes, expires_in_s } = value
  return (
    kind === 'cloudinary' &&
    isOpaque(url) &&
    isFields(fields) &&
    isAbsentOr(isPositiveInteger, chunk_bytes) &&
    isAbsentOr(isPositive, expires_in_s)
  )
}

/** Some servers write `null` for what is absent. */
const withoutNulls = (raw: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(raw).filter(([, value]) => value !== null))

const isFields = (value: unknown): boolean =>
  isRecord(value) && Object.values(value).every((field) => isText(field) || typeof field === 'number')

const isWords = (value: unknown): boolean => Array.isArray(value) && value.every(isText)

/** An algorithm that nobody here knows makes the plan one that cannot be followed. */
function isPlannedChecksum(value: unknown): value is PlannedChecksum | undefined {
  return value === undefined || (isRecord(value) && isChecksumAlgorithm(value['algorithm']))
}

function isTexts(value: unknown): value is Readonly<Record<string, string>> {
  return isRecord(value) && Object.values(value).every(isText)
}
