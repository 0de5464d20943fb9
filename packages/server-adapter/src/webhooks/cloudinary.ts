import { createHash } from 'node:crypto'
import { isId, isRecord } from '@upload-panel/core/protocol'
import { assetOf, type CloudinaryAsset, recordsOf } from '../storage/cloudinary/asset.js'
import { isAnyOf, isRecent, nameOf, notGenuine, readObject, readSecrets, textOf } from './genuine.js'
import type { WebhookEvent, WebhookProvider } from './webhook.js'

/** Options of {@link cloudinaryWebhook}. */
export interface CloudinaryWebhookOptions {
  /** The API secret of the product environment: of its oldest key, unless another one is chosen for notifications. */
  readonly apiSecret?: string | undefined
  /** Several, while they are changed. */
  readonly secrets?: readonly string[]
  /** How old a notification may be, milliseconds. @default 2 hours, as Cloudinary's own libraries have it */
  readonly maxAgeMs?: number
  /** Only this hash. @default both that Cloudinary uses: SHA-1, and SHA-256 where the account is set to it */
  readonly algorithm?: 'sha1' | 'sha256'
  /** Which operation an asset belongs to. @default `operation_id` of its context, or else the last part of its `public_id` */
  readonly operationOf?: (asset: CloudinaryAsset) => string | undefined
}

const MAX_AGE_MS = 2 * 60 * 60_000
/** How far Cloudinary's clock may be ahead of ours, milliseconds. */
const MAX_AHEAD_MS = 5 * 60_000
const MODERATION_REJECTED = 'moderation_rejected'

/**
 * Takes Cloudinary's notifications: uploads, eager transformations, moderation and deletions become words on the operation that the asset belongs to.
 *
 * @example
 * createSyncServer({ …, webhooks: { cloudinary: cloudinaryWebhook({ apiSecret: process.env.CLOUDINARY_API_SECRET }) } })
 */
export function cloudinaryWebhook(options: CloudinaryWebhookOptions): WebhookProvider {
  const { apiSecret, secrets: several, maxAgeMs = MAX_AGE_MS, algorithm, operationOf = operationOfAsset } = options
  const secrets = readSecrets('cloudinaryWebhook', several ?? apiSecret)
  return {
    receive({ body, headers, nowMs }) {
      const timestamp = headers.get('x-cld-timestamp')
      // Its clock is right but for minutes, so that what is signed for tomorrow was not signed by it.
      const isTimely = isRecent(timestamp, nowMs, maxAgeMs) && Number(timestamp) * 1000 <= nowMs + MAX_AHEAD_MS
      if (timestamp === null || !isTimely) throw notGenuine()
      const signature = (headers.get('x-cld-signature') ?? '').toLowerCase()
      // In hexadecimal one hash has 40 digits, the other 64: an account uses one of them.
      const hash = signature.length === 64 ? 'sha256' : 'sha1'
      if (algorithm !== undefined && algorithm !== hash) throw notGenuine()
      const expected = secrets.map((secret) => createHash(hash).update(body).update(timestamp).update(secret).digest('hex'))
      if (!isAnyOf(signature, expected)) throw notGenuine()
      // It repeats the same body, signed anew, when it was not answered.
      return { id: nameOf(body), events: eventsOf(readObject(textOf(body)), operationOf) }
    },
  }
}

function eventsOf(notification: CloudinaryAsset, operationOf: (asset: CloudinaryAsset) => string | undefined): WebhookEvent[] {
  const about = (asset: CloudinaryAsset, make: (operationId: string) => WebhookEvent | undefined): WebhookEvent[] => {
    const operationId = operationOf(asset)
    return [isId(operationId) ? make(operationId) : undefined].flatMap((event) => event ?? [])
  }
  switch (notification['notification_type']) {
    case 'upload':
    case 'eager':
    case 'error':
      return about(notification, (operationId) => madeEvent(operationId, notification))
    case 'moderation':
      return about(notification, (operationId) => moderationEvent(operationId, notification))
    case 'delete':
      return recordsOf(notification['resources']).flatMap((asset) => about(asset, deletedEvent))
    default:
      // Folders, tags, names: nothing that an upload waits for.
      return []
  }
}

/** An asset, or versions of it, were made, are still being made, or could not be made. */
function madeEvent(operationId: string, notification: CloudinaryAsset): WebhookEvent | undefined {
  const { error, status } = notification
  if (isRecord(error) || status === 'failed')
    return providerFailed(operationId, isRecord(error) ? error['message'] : notification['reason'])
  const eager = recordsOf(notification['eager'])
  const broken = eager.find((version) => version['status'] === 'failed')
  if (broken !== undefined) return providerFailed(operationId, broken['reason'])
  const result = assetOf(notification)
  if (moderationStatus(notification) === 'rejected') return rejected(operationId)
  const pending = { kind: 'progress', operationId, result, hasBytes: true } as const
  if (moderationStatus(notification) === 'pending') return { ...pending, stage: 'moderation' }
  const isUnderWay = (version: CloudinaryAsset) => version['status'] === 'processing' || version['status'] === 'pending'
  if (status === 'pending' || eager.some(isUnderWay)) return { ...pending, stage: 'transforming' }
  return { kind: 'completed', operationId, result, hasBytes: true, adds: true }
}

function moderationEvent(operationId: string, notification: CloudinaryAsset): WebhookEvent | undefined {
  switch (moderationStatus(notification)) {
    case 'approved':
      return {
        kind: 'completed',
        operationId,
        result: assetOf(notification),
        hasBytes: true,
        adds: true,
        recoversFrom: MODERATION_REJECTED,
      }
    case 'rejected':
      return rejected(operationId)
    default:
      return undefined
  }
}

/** Of the notification itself, or, where an upload went through several, the one that it waits for. */
function moderationStatus({ moderation_status, moderation }: CloudinaryAsset): unknown {
  if (typeof moderation_status === 'string') return moderation_status
  const states = recordsOf(moderation).map(({ status }) => status)
  if (states.includes('rejected')) return 'rejected'
  return states.some((state) => state === 'pending' || state === 'queued') ? 'pending' : undefined
}

function rejected(operationId: string): WebhookEvent {
  const error = { code: MODERATION_REJECTED, message: 'This file was rejected by moderation.', retryable: false }
  return { kind: 'failed', operationId, error, revokes: true }
}

function deletedEvent(operationId: string): WebhookEvent {
  const error = { code: 'asset_deleted', message: 'This file was deleted.', retryable: false }
  return { kind: 'failed', operationId, error, revokes: true }
}

function providerFailed(operationId: string, reason: unknown): WebhookEvent {
  const message = typeof reason === 'string' && reason !== '' ? reason : 'The file could not be processed.'
  return { kind: 'failed', operationId, error: { code: 'provider_failed', message, retryable: true } }
}

function operationOfAsset({ context, public_id }: CloudinaryAsset): string | undefined {
  const custom = isRecord(context) && isRecord(context['custom']) ? context['custom'] : context
  const named = isRecord(custom) ? custom['operation_id'] : undefined
  if (typeof named === 'string') return named
  // Ids of operations have no dots; files that are neither image nor video may have the end of their name there.
  return typeof public_id === 'string' ? public_id.slice(public_id.lastIndexOf('/') + 1).split('.', 1)[0] : undefined
}
