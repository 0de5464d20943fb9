import type { IncomingMessage, ServerResponse } from 'node:http'
import { sendJson } from '../http-service.ts'
import { asText, isObject, type JsonObject, parseJson } from './json.ts'
import { mayWrite } from './policies.ts'
import type { Tenant } from './tenant.ts'
import { type Claims, checkToken } from './tokens.ts'

const MAX_MESSAGES = 100

/** Sends messages to whoever listens, of any number (`…/broadcast`) or one (`…/broadcast/<topic>/events/<event>`). */
export async function answerBroadcast(tenant: Tenant, request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
  const claims = await claimsOf(tenant, request)
  if (claims === undefined) return sendJson(response, 401, { message: 'Unauthorized' })
  const body = Buffer.concat(await request.toArray())
  if (tenant.broadcastRate.isExceeded) return sendJson(response, 429, { message: 'You have exceeded your rate limit' })
  const single = /\/broadcast\/([^/]+)\/events\/([^/]+)$/.exec(url.pathname)
  const [topic = '', event = ''] = (single ?? []).slice(1).map(decodeURIComponent)
  if (single === null) return sendBatch(tenant, claims, parseJson(body.toString()), response)

  const type = request.headers['content-type']?.split(';')[0]
  if (type !== 'application/json' && type !== 'application/octet-stream') {
    return sendJson(response, 415, { error: 'Unsupported Media Type. Use application/json or application/octet-stream' })
  }
  const isPrivate = url.searchParams.get('private') === 'true'
  if (isPrivate && !(await mayWrite(tenant.database, claims, topic))) return sendJson(response, 403, { message: 'Unauthorized' })
  tenant.broadcastRate.count()
  tenant.broadcast({ name: topic, isPrivate }, { kind: 'binary', event, meta: '', isJson: type === 'application/json', body })
  accept(response)
}

async function claimsOf({ jwtSecret }: Tenant, { headers }: IncomingMessage): Promise<Claims | undefined> {
  const token = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1] ?? headers['apikey']
  const checked = typeof token === 'string' ? await checkToken(token, jwtSecret) : undefined
  return checked?.isValid ? checked.claims : undefined
}

async function sendBatch(tenant: Tenant, claims: Claims, body: unknown, response: ServerResponse): Promise<void> {
  if (body === undefined) return void response.writeHead(400, { 'content-type': 'text/plain' }).end('Bad Request')
  const messages = isObject(body) && Array.isArray(body['messages']) ? body['messages'].filter(isObject) : []
  if (messages.length === 0) return sendJson(response, 422, { errors: { messages: ["can't be blank"] } })
  if (messages.length > MAX_MESSAGES) {
    return sendJson(response, 429, { message: 'Too many messages to broadcast, please reduce the batch size' })
  }
  const problems = messages.map((message) => messageProblem(message, tenant.limits.payloadBytes))
  if (problems.some((problem) => problem !== undefined))
    return sendJson(response, 422, { errors: { messages: problems.map((one) => one ?? {}) } })
  for (const message of messages) {
    const name = asText(message['topic']) ?? ''
    const isPrivate = message['private'] === true
    tenant.broadcastRate.count()
    // What may not be sent is dropped, and the answer is the same.
    if (isPrivate && !(await mayWrite(tenant.database, claims, name))) continue
    const payload = { type: 'broadcast', event: message['event'], payload: message['payload'] }
    tenant.broadcast({ name, isPrivate }, { kind: 'text', payload })
  }
  accept(response)
}

function messageProblem(message: JsonObject, maxBytes: number): JsonObject | undefined {
  const blank = ['topic', 'event', 'payload'].filter((name) => message[name] === undefined || message[name] === '')
  if (blank.length > 0) return Object.fromEntries(blank.map((name) => [name, ["can't be blank"]]))
  if (!isObject(message['payload'])) return { payload: ['is invalid'] }
  return Buffer.byteLength(JSON.stringify(message['payload'])) > maxBytes ? { payload: ['Payload size exceeds tenant limit'] } : undefined
}

const accept = (response: ServerResponse) => void response.writeHead(202).end()
