import { setImmediate } from 'node:timers/promises'
import { type Binding, type BindingProblem, bindingId, readBinding } from './bindings.ts'
import type { Broadcast, Message } from './frames.ts'
import { asObject, asText, isObject, type JsonObject, sortedJson } from './json.ts'
import { readMessages } from './messages.ts'
import { mayRead, mayWrite } from './policies.ts'
import type { Subscriber } from './subscriptions.ts'
import type { Tenant } from './tenant.ts'
import { type Claims, checkToken, expiredSince } from './tokens.ts'

/** The socket that a channel is on. */
export interface Connection {
  /** From the connection's address; a join without a token of its own uses it. */
  readonly apiKey: string
  send(message: Omit<Message, 'payload'>, payload: string): void
  sendBroadcast(topic: string, broadcast: Broadcast): void
  close(code: number): void
}

/** A topic as one client has joined it. */
export interface Channel {
  /** Without `realtime:`. */
  readonly name: string
  readonly isPrivate: boolean
  readonly joinRef: string | null
  /** Takes its turn: a channel works beside its socket, and what is still waiting when it closes is forgotten. */
  handle(message: Message): void
  receive(broadcast: Broadcast): void
  /** The operator ends the connection, and the server says so as if all were well. */
  disconnect(): void
  /** As if its token ended now. */
  expire(): void
  /** @param tell whether there is anybody to tell */
  close(tell: boolean): void
}

export const TOPIC_PREFIX = 'realtime:'

export type JoinResult = { readonly channel: Channel } | { readonly refused: string }

/** Joins a topic, or says why not. What follows the reply is sent by `channel.start`. */
export async function joinChannel(
  tenant: Tenant,
  connection: Connection,
  message: Message,
  onClosed: (channel: Channel) => void,
): Promise<JoinResult> {
  const { topic, joinRef, ref } = message
  const name = topic.slice(TOPIC_PREFIX.length)
  const payload = asObject(message.payload)
  const { database, delays, limits } = tenant

  if (name === '') return { refused: 'TopicNameRequired: You must provide a topic name' }
  const ownToken = asText(payload['access_token'])
  const joinToken = isUserToken(ownToken) ? ownToken : connection.apiKey
  const checked = await checkToken(joinToken, tenant.jwtSecret)
  if (!checked.isValid) return { refused: `${checked.code}: ${checked.reason}` }
  if (payload['config'] !== undefined && !isObject(payload['config'])) {
    return { refused: 'UnknownErrorOnChannel: no function clause matching in Access.get/3' }
  }
  const config = asObject(payload['config'])
  const isPrivate = config['private'] === true
  const broadcastConfig = asObject(config['broadcast'])
  const presenceConfig = asObject(config['presence'])
  if (!(await database.answers())) return { refused: 'UnableToConnectToProject: Realtime was unable to connect to the project database' }
  if (isPrivate && !(await mayRead(database, checked.claims, name))) {
    return { refused: `Unauthorized: You do not have permissions to read from this Channel topic: ${name}` }
  }

  const replay = broadcastConfig['replay']
  if (replay !== undefined && !isPrivate) return { refused: 'UnableToReplayMessages: Replay is not allowed for public channels' }
  const replayed = replay === undefined ? [] : await readMessages(database, name, asObject(replay))
  if (replayed === undefined) return { refused: 'UnableToReplayMessages: Replay params are not valid' }

  let token = joinToken
  let claims: Claims = checked.claims
  let isOpen = true
  let handled = Promise.resolve()
  let canWrite: Promise<boolean> | undefined
  let subscriber: Subscriber | undefined
  const timers = new Set<NodeJS.Timeout>()
  let expiry: NodeJS.Timeout | undefined

  const send = (event: string, body: unknown, toRef: string | null = null) => {
    if (isOpen) connection.send({ joinRef, ref: toRef, topic, event }, sortedJson(body))
  }
  const reply = (toRef: string | null, response: unknown, status = 'ok') => send('phx_reply', { response, status }, toRef)
  const system = (extension: string, text: string, status = 'ok') => send('system', { channel: name, extension, message: text, status })
  const later = (delay: number, run: () => void) => {
    const timer = setTimeout(() => {
      timers.delete(timer)
      run()
    }, delay)
    timers.add(timer)
  }

  const channel: Channel = {
    name,
    isPrivate,
    joinRef,
    receive: (broadcast) => connection.sendBroadcast(topic, broadcast),
    close,
    disconnect() {
      const payload = { extension: 'system', message: 'Server requested disconnect', status: 'ok' }
      connection.send({ joinRef: null, ref: null, topic, event: 'system' }, sortedJson(payload))
      connection.close(1012)
    },
    expire: () => closeFor(expiredSince(Date.now() / 1000)),
    handle(next) {
      handled = handled
        .then(() => setImmediate())
        .then(() => (isOpen ? handle(next) : undefined))
        .catch((error: unknown) => console.error(error))
    },
  }

  function close(tell: boolean): void {
    if (!isOpen) return
    if (tell) send('phx_close', {}, joinRef)
    isOpen = false
    clearTimeout(expiry)
    for (const timer of timers) clearTimeout(timer)
    if (subscriber !== undefined) tenant.subscriptions.remove(subscriber)
    tenant.channels.delete(channel)
    tenant.presence.leave(channel)
    onClosed(channel)
  }

  function closeFor(reason: string): void {
    system('system', reason, 'error')
    close(true)
  }

  function watchExpiry(): void {
    clearTimeout(expiry)
    // Longer waits overflow the timer; nobody runs this for so long.
    expiry = setTimeout(() => closeFor(expiredSince(claims.exp)), Math.min(claims.exp * 1000 - Date.now(), 2 ** 31 - 1))
  }

  async function subscribe(bindings: readonly (Binding | BindingProblem)[]): Promise<void> {
    const wrong = bindings.find((binding) => 'message' in binding)
    if (wrong !== undefined) return system('postgres_changes', wrong.message, 'error')
    const next: Subscriber = {
      claims,
      bindings: bindings.filter((binding) => 'id' in binding),
      send: (data, ids) => {
        if (isOpen)
          connection.send({ joinRef: null, ref: null, topic, event: 'postgres_changes' }, `{"data":${data},"ids":${JSON.stringify(ids)}}`)
      },
    }
    const problem = await tenant.subscriptions.add(next).catch((error: unknown) => ({ message: String(error) }))
    if (problem !== undefined) return system('postgres_changes', problem.message, 'error')
    if (subscriber !== undefined) tenant.subscriptions.remove(subscriber)
    subscriber = next
    if (isOpen) system('postgres_changes', 'Subscribed to PostgreSQL')
    else tenant.subscriptions.remove(next)
  }

  async function handle({ event, ref: toRef, payload: body }: Message): Promise<void> {
    if (event === 'phx_leave') {
      reply(toRef, {})
      close(true)
    }
    if (event === 'access_token') await useToken(asObject(body)['access_token'])
    if (event === 'broadcast') await broadcast(toRef, body)
    if (event === 'presence')
      tenant.presence.handle(channel, asObject(body), { reply: (response, status) => reply(toRef, response, status), closeFor })
  }

  async function useToken(next: unknown): Promise<void> {
    if (typeof next !== 'string' || next === token || !isUserToken(next)) return
    const result = await checkToken(next, tenant.jwtSecret)
    if (!result.isValid) return closeFor(result.reason)
    if (isPrivate && !(await mayRead(database, result.claims, name))) {
      return closeFor(`You no longer have permission to read from this Channel topic: ${name}`)
    }
    token = next
    claims = result.claims
    canWrite = undefined
    watchExpiry()
    if (bindings.length > 0) later(delays.resubscribe, () => void subscribe(bindings))
  }

  async function broadcast(toRef: string | null, body: unknown): Promise<void> {
    const isBinary = isBroadcast(body)
    const message: Broadcast = isBinary ? body : { kind: 'text', payload: asObject(body) }
    const bytes = message.kind === 'binary' ? message.body.length : Buffer.byteLength(JSON.stringify(message.payload['payload'] ?? null))
    tenant.broadcastRate.count()
    if (tenant.broadcastRate.isExceeded) return closeFor('Too many messages per second')
    const isAcknowledged = broadcastConfig['ack'] === true
    if (bytes > limits.payloadBytes) {
      if (isAcknowledged) reply(toRef, 'payload_size_exceeded', 'error')
      return
    }
    if (isPrivate) {
      canWrite ??= mayWrite(database, claims, name, 'broadcast')
      if (!(await canWrite)) return
    }
    tenant.broadcast({ name, isPrivate }, message, broadcastConfig['self'] === true ? undefined : channel)
    if (isAcknowledged) reply(toRef, {})
  }

  const rawBindings = readRawBindings(name, payload, config)
  const bindings = rawBindings.map(readBinding)
  const isCold = !tenant.isWarm()
  const answered = rawBindings.map((raw) => `{"id":${bindingId(raw)},${sortedJson(raw).slice(1)}`)
  connection.send({ joinRef, ref, topic, event: 'phx_reply' }, `{"response":{"postgres_changes":[${answered.join(',')}]},"status":"ok"}`)
  tenant.channels.add(channel)
  watchExpiry()
  for (const one of replayed) send('broadcast', one)
  if (presenceConfig['enabled'] === true) tenant.presence.enter(channel, presenceConfig['key'], send)
  if (broadcastConfig['replication_ready'] === true) system('system', 'Replication connection established')
  if (bindings.length > 0) later(isCold ? delays.coldSubscribe : delays.subscribe, () => void subscribe(bindings))
  return { channel }
}

/** Keys of the platform are for connections; a join that names one is as good as one that names none. */
const isUserToken = (token: string | undefined): token is string => token !== undefined && !token.startsWith('sb_')

const isBroadcast = (body: unknown): body is Broadcast => isObject(body) && body['kind'] === 'binary' && Buffer.isBuffer(body['body'])

/** Clients of old name schema and table in the topic. */
function readRawBindings(name: string, payload: JsonObject, config: JsonObject): readonly JsonObject[] {
  const wanted = config['postgres_changes']
  if (Array.isArray(wanted)) return wanted.map(asObject)
  const [schema = '', table, ...rest] = name.split(':')
  return payload['config'] === undefined && table !== undefined && rest.length === 0 ? [{ schema, table }] : []
}
