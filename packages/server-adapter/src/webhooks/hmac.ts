import { createHmac } from 'node:crypto'
import { isRecord, parseSyncStatusUpdate, type SyncStatusUpdate } from '@upload-panel/core/protocol'
import { Refusal } from '../errors.js'
import { isAnyOf, isRecent, notGenuine, readObject, readSecrets, textOf } from './genuine.js'
import type { WebhookEvent, WebhookProvider } from './webhook.js'

/** Options of {@link hmacWebhook}. */
export interface HmacWebhookOptions {
  /** `whsec_` and the key as base64, or the key as base64. */
  readonly secret?: string | undefined
  /** Several, while they are changed: a sender may use any of them. */
  readonly secrets?: readonly string[]
  /** How old, and how far ahead of our clock, a webhook may be, milliseconds. @default 5 minutes */
  readonly toleranceMs?: number
  /** Reads bodies of another kind; `undefined`: it is about none of our operations. @default a partial `SyncStatusUpdate`, alone or as `data` */
  readonly map?: (body: Readonly<Record<string, unknown>>) => WebhookEvent | readonly WebhookEvent[] | undefined
}

const TOLERANCE_MS = 5 * 60_000
const PREFIX = 'whsec_'

/**
 * Takes webhooks of any program that signs them as Standard Webhooks says (https://www.standardwebhooks.com), with HMAC-SHA256.
 *
 * @example
 * createSyncServer({ …, webhooks: { transcoder: hmacWebhook({ secret: process.env.WEBHOOK_SECRET }) } })
 */
export function hmacWebhook({ secret, secrets, toleranceMs = TOLERANCE_MS, map }: HmacWebhookOptions): WebhookProvider {
  const keys = readSecrets('hmacWebhook', secrets ?? secret).map(keyOf)
  return {
    receive({ body, headers, nowMs }) {
      const id = headers.get('webhook-id')
      const timestamp = headers.get('webhook-timestamp')
      if (id === null || !isRecent(timestamp, nowMs, toleranceMs)) throw notGenuine()
      const head = `${id}.${timestamp}.`
      const expected = keys.map((key) => createHmac('sha256', key).update(head).update(body).digest('base64'))
      // Several, each with its version: a sender that changes its key signs with both.
      const given = (headers.get('webhook-signature') ?? '').split(' ').slice(0, MAX_SIGNATURES)
      const isGenuine = given.map((one) => one.startsWith('v1,') && isAnyOf(one.slice('v1,'.length), expected)).includes(true)
      if (!isGenuine) throw notGenuine()
      const content = readObject(textOf(body))
      return { id, events: [map === undefined ? readUpdate(content) : map(content)].flatMap((event) => event ?? []) }
    },
  }
}

/** More signatures than anyone has keys are not looked at. */
const MAX_SIGNATURES = 10

function keyOf(secret: string): Buffer {
  const base64 = secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret
  const key = Buffer.from(base64, 'base64')
  if (key.length === 0 || key.toString('base64').replace(/=+$/, '') !== base64.replace(/=+$/, ''))
    throw new TypeError('hmacWebhook takes secrets as base64, with or without whsec_ before them.')
  return key
}

/** The fields of a `SyncStatusUpdate` that the sender knows, and `revoke` or `reopen` where it takes an end back. */
function readUpdate(body: Record<string, unknown>): WebhookEvent {
  const given = body['operation_id'] === undefined && isRecord(body['data']) ? body['data'] : body
  const parsed = parseSyncStatusUpdate({
    status: 'in_progress',
    ...given,
    progress: given['progress'] ?? 0,
    operation_type: 'webhook',
    timestamp: new Date(0).toISOString(),
  })
  if (!parsed.ok) throw new Refusal(422, 'invalid_webhook', `This webhook is no update of an operation: ${parsed.reason}.`)
  return eventOf(parsed.value, given)
}

function eventOf(update: SyncStatusUpdate, given: Record<string, unknown>): WebhookEvent {
  const { operation_id: operationId, status, progress, stage, message, processed_items, failed_items, result, error } = update
  const said = message === undefined ? {} : { message }
  switch (status) {
    case 'completed':
      return { kind: 'completed', operationId, ...said, ...(result !== undefined && { result }) }
    case 'cancelled':
      return { kind: 'cancelled', operationId, ...said }
    case 'failed': {
      const reason = error ?? { code: 'failed', message: message ?? 'The operation failed.', retryable: true }
      return { kind: 'failed', operationId, error: reason, revokes: given['revoke'] === true }
    }
    default:
      if (given['reopen'] === true) return { kind: 'reopened', operationId, ...said }
      return {
        kind: 'progress',
        operationId,
        progress,
        ...said,
        ...(stage !== undefined && { stage }),
        ...(processed_items !== undefined && { processedItems: processed_items }),
        ...(failed_items !== undefined && { failedItems: failed_items }),
      }
  }
}
