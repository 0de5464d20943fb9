import { createVerify, type KeyObject, X509Certificate } from 'node:crypto'
import { isRecord } from '@upload-panel/core/protocol'
import { Refusal } from '../errors.js'
import { notGenuine } from './genuine.js'

/** A message of Amazon SNS that is genuine. */
export interface SnsMessage {
  readonly type: 'Notification' | 'SubscriptionConfirmation' | 'UnsubscribeConfirmation'
  readonly id: string
  readonly message: string
  readonly subscribeUrl: string | undefined
}

/** `fetch`, as far as it is needed here. */
export type Fetch = (url: string, init: { readonly signal: AbortSignal; readonly redirect: 'error' }) => Promise<Response>

export interface SnsReader {
  /** Proves that a message is Amazon's, and of a topic of ours. Refuses with 401, and with 503 where Amazon's certificate cannot be had. */
  read(body: Record<string, unknown>): Promise<SnsMessage>
  /** Confirms that the topic may send here. */
  confirm(message: SnsMessage): Promise<void>
}

const HOST = /^sns\.[a-z0-9-]{3,30}\.amazonaws\.com(\.cn)?$/
const CERTIFICATE_PATH = /^\/SimpleNotificationService-[0-9a-f]{16,64}\.pem$/
const MAX_CERTIFICATE_BYTES = 16_384
/** Amazon changes its certificates about once a year, a region. */
const MAX_CERTIFICATES = 20
const PATIENCE_MS = 10_000

/** What is signed of each type, in this order: https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html */
const SIGNED = {
  Notification: ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'],
  SubscriptionConfirmation: ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'],
  UnsubscribeConfirmation: ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'],
} as const
const HASH: Readonly<Record<string, string>> = { '1': 'RSA-SHA1', '2': 'RSA-SHA256' }

/** Everyone may have a topic, and Amazon signs for all of them: only those that are named here are ours. */
export function createSnsReader(topicArns: readonly string[], fetch: Fetch): SnsReader {
  const keys = new Map<string, Promise<KeyObject>>()

  function keyAt(url: string): Promise<KeyObject> {
    const known = keys.get(url)
    if (known !== undefined) return known
    const key = loadKey(url)
    key.catch(() => keys.delete(url))
    keys.set(url, key)
    for (const oldest of keys.keys()) if (keys.size > MAX_CERTIFICATES) keys.delete(oldest)
    return key
  }

  async function loadKey(url: string): Promise<KeyObject> {
    try {
      return new X509Certificate(await readBounded(await get(url), MAX_CERTIFICATE_BYTES)).publicKey
    } catch (cause) {
      throw new Refusal(503, 'provider_unreachable', 'The certificate of the sender cannot be had now.', { retryable: true, cause })
    }
  }

  async function get(url: string): Promise<Response> {
    const response = await fetch(url, { signal: AbortSignal.timeout(PATIENCE_MS), redirect: 'error' })
    if (!response.ok) throw new Error(`Amazon answered ${response.status}.`)
    return response
  }

  return {
    async read(body) {
      const { Type: type, MessageId: id, Message: message, TopicArn: topic, SignatureVersion: version, Signature: signature } = body
      const { SigningCertURL: certificate, SubscribeURL: subscribeUrl } = body
      const hash = typeof version === 'string' ? HASH[version] : undefined
      const isOurs = typeof topic === 'string' && topicArns.includes(topic)
      if (!isType(type) || !isOurs || !isText(id) || !isText(message) || !isText(signature) || hash === undefined) throw notGenuine()
      if (!isText(certificate) || !isCertificateUrl(certificate)) throw notGenuine()
      const verifier = createVerify(hash)
      for (const name of SIGNED[type]) {
        const value = body[name]
        // The subject is missing where there is none.
        if (value === undefined || value === null) continue
        if (!isText(value)) throw notGenuine()
        verifier.update(`${name}\n${value}\n`)
      }
      if (!verifier.verify(await keyAt(certificate), signature, 'base64')) throw notGenuine()
      return { type, id, message, subscribeUrl: isText(subscribeUrl) ? subscribeUrl : undefined }
    },
    async confirm({ subscribeUrl = '' }) {
      if (amazonUrl(subscribeUrl)?.pathname !== '/') throw notGenuine()
      try {
        await (await get(subscribeUrl)).body?.cancel()
      } catch (cause) {
        throw new Refusal(503, 'provider_unreachable', 'The subscription cannot be confirmed now.', { retryable: true, cause })
      }
    },
  }
}

/** Whether a body is one of SNS, before anything in it is believed. */
export function isSnsMessage(body: unknown): body is Record<string, unknown> {
  return isRecord(body) && isType(body['Type']) && 'TopicArn' in body
}

function isType(value: unknown): value is SnsMessage['type'] {
  return value === 'Notification' || value === 'SubscriptionConfirmation' || value === 'UnsubscribeConfirmation'
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

/** Other paths of the same host answer the calls of anyone who has an account. */
function isCertificateUrl(text: string): boolean {
  const url = amazonUrl(text)
  return url !== undefined && CERTIFICATE_PATH.test(url.pathname) && url.search === ''
}

/** Of SNS itself: on other hosts of Amazon's everyone may put what they like. */
function amazonUrl(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined
  return url?.protocol === 'https:' && HOST.test(url.host) && url.username === '' ? url : undefined
}

async function readBounded(response: Response, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength
    if (bytes > maxBytes) throw new Error('This is more than a certificate has.')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
