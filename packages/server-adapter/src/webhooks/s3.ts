import { isBoundedJson, isRecord } from '@upload-panel/core/protocol'
import { isAnyOf, nameOf, notGenuine, readObject, readSecrets, textOf } from './genuine.js'
import { readS3Events, type S3ObjectEvent } from './s3-events.js'
import { createSnsReader, type Fetch, isSnsMessage } from './sns.js'
import type { WebhookDelivery, WebhookEvent, WebhookProvider, WebhookRequest } from './webhook.js'

/** Options of {@link s3Webhook}: how its sender proves itself, at least one of `token` and `topicArns`. */
export interface S3WebhookOptions {
  /** What EventBridge, Ceph, MinIO and others send as `authorization: Bearer <token>`, or as the password of basic authentication. */
  readonly token?: string | undefined
  /** Several, while they are changed. */
  readonly tokens?: readonly string[]
  /** Topics of Amazon SNS that may send here. Their subscriptions are confirmed. */
  readonly topicArns?: readonly string[]
  /** Only events of this bucket. @default of every bucket */
  readonly bucket?: string
  /** Which operation an object belongs to. @default the last part of its key */
  readonly operationOf?: (object: S3ObjectEvent) => string | undefined
  /** What an event means, for objects that are not the uploads themselves, such as what a worker makes of them. @default storage is asked whether the upload's bytes are there */
  readonly map?: (object: S3ObjectEvent) => WebhookEvent | undefined
  /** For Amazon's certificates and confirmations. @default the global one */
  readonly fetch?: Fetch
}

/**
 * Takes event notifications of S3, by Amazon SNS, by EventBridge, or from a server that sends them itself. An upload whose bytes came is completed
 * though its client is gone, and one whose bytes went is taken back.
 *
 * @example
 * createSyncServer({ …, webhooks: { s3: s3Webhook({ topicArns: ['arn:aws:sns:eu-central-1:123456789012:uploads'] }) } })
 */
export function s3Webhook(options: S3WebhookOptions): WebhookProvider {
  const { topicArns = [], bucket, operationOf = operationOfKey } = options
  const given = options.tokens ?? options.token
  const tokens = given === undefined && topicArns.length > 0 ? [] : readSecrets('s3Webhook', given)
  const sns = createSnsReader(topicArns, options.fetch ?? ((url, init) => fetch(url, init)))

  const storedBytes = (object: S3ObjectEvent): WebhookEvent | undefined => {
    const operationId = operationOf(object)
    return operationId === undefined ? undefined : { kind: 'stored-bytes', operationId }
  }
  const { map = storedBytes } = options

  function eventsOf(message: Record<string, unknown>): readonly WebhookEvent[] {
    const objects = readS3Events(message).filter((object) => bucket === undefined || object.bucket === bucket)
    return objects.flatMap((object) => map(object) ?? [])
  }

  /** What SNS carries is text, and may be of another sender to the same topic. */
  function carried(text: string): readonly WebhookEvent[] {
    try {
      const message: unknown = JSON.parse(text)
      return isRecord(message) && isBoundedJson(message) ? eventsOf(message) : []
    } catch (error) {
      if (error instanceof SyntaxError) return []
      throw error
    }
  }

  async function receiveSns(body: Record<string, unknown>): Promise<WebhookDelivery> {
    const message = await sns.read(body)
    if (message.type === 'SubscriptionConfirmation') await sns.confirm(message)
    return { id: message.id, events: message.type === 'Notification' ? carried(message.message) : [] }
  }

  return {
    async receive({ body, headers }: WebhookRequest) {
      const authorization = headers.get('authorization')
      if (authorization !== null) {
        if (!isAnyOf(tokenOf(authorization), tokens)) throw notGenuine()
        const message = readObject(textOf(body))
        return isSnsMessage(message) ? receiveSns(message) : { id: nameOf(body), events: eventsOf(message) }
      }
      // SNS proves itself within the body, which therefore has to be read first.
      const message = topicArns.length > 0 ? readUnproven(body) : undefined
      if (message === undefined) throw notGenuine()
      return receiveSns(message)
    },
  }
}

function tokenOf(authorization: string): string {
  const [, scheme = '', credentials = ''] = /^(\S+) +(.*)$/.exec(authorization) ?? []
  if (scheme.toLowerCase() === 'bearer') return credentials
  if (scheme.toLowerCase() !== 'basic') return ''
  const pair = Buffer.from(credentials, 'base64').toString('utf8')
  return pair.slice(pair.indexOf(':') + 1)
}

function readUnproven(body: Uint8Array): Record<string, unknown> | undefined {
  try {
    const message: unknown = JSON.parse(textOf(body))
    return isSnsMessage(message) ? message : undefined
  } catch {
    return undefined
  }
}

function operationOfKey({ key }: S3ObjectEvent): string {
  return key.slice(key.lastIndexOf('/') + 1)
}
