import { setImmediate } from 'node:timers/promises'
import type { Binding, BindingProblem } from './bindings.ts'
import type { Channel, Connection } from './channel.ts'
import type { Broadcast, Message } from './frames.ts'
import { asObject, sortedJson } from './json.ts'
import { mayRead, mayWrite } from './policies.ts'
import type { Subscriber } from './subscriptions.ts'
import type { Tenant } from './tenant.ts'
import { type Claims, checkToken, expiredSince, isUserToken } from './tokens.ts'

/** What a client asked for when it joined. */
export interface Joined {
  readonly topic: string
  readonly name: string
  readonly joinRef: string | null
  readonly isPrivate: boolean
  readonly token: string
  readonly claims: Claims
  readonly bindings: readonly (Binding | BindingProblem)[]
  readonly hearsItself: boolean
  readonly isAcknowledged: boolean
  onClosed(channel: Channel): void
}

const MAX_TIMER = 2 ** 31 - 1

export function createJoinedChannel(tenant: Tenant, connection: Connection, joined: Joined): Channel {
  const { topic, name, joinRef, isPrivate, bindings } = joined
  const { database, delays, limits } = tenant
  let { token, claims } = joined
  let isOpen = true
  let handled = Promise.resolve()
  let canWrite: Promise<boolean> | undefined
  let subscriber: Subscriber | undefined
  let expiry: NodeJS.Timeout | undefined
  const timers = new Set<NodeJS.Timeout>()

  const channel: Channel = {
    name,
    isPrivate,
    joinRef,
    handle(message) {
      handled = handled
        .then(() => setImmediate())
        .then(() => (isOpen ? handle(message) : undefined))
        .catch((error: unknown) => console.error(error))
    },
    receive: (broadcast) => connection.sendBroadcast(topic, broadcast),
    send: (event, payload) => send(event, payload),
    tell: (event, payload) => tell(event, sortedJson(payload)),
    system,
    follow,
    disconnect() {
      channel.tell('system', { extension: 'system', message: 'Server requested disconnect', status: 'ok' })
      connection.close(1012)
    },
    expire: () => closeFor(expiredSince(Date.now() / 1000)),
    close,
  }
  tenant.channels.add(channel)
  watchExpiry()
  return channel

  // -- what it says --------------------------------------------------------------------------------------------------------------------

  function send(event: string, payload: unknown, ref: string | null = null): void {
    if (isOpen) connection.send({ joinRef, ref, topic, event }, sortedJson(payload))
  }

  function tell(event: string, json: string): void {
    if (isOpen) connection.send({ joinRef: null, ref: null, topic, event }, json)
  }

  function system(extension: string, message: string, status = 'ok'): void {
    send('system', { channel: name, extension, message, status })
  }

  function reply(ref: string | null, response: unknown, status = 'ok'): void {
    send('phx_reply', { response, status }, ref)
  }

  function closeFor(reason: string): void {
    system('system', reason, 'error')
    close(true)
  }

  function close(tell: boolean): void {
    if (!isOpen) return
    if (tell) send('phx_close', {}, joinRef)
    isOpen = false
    clearTimeout(expiry)
    for (const timer of timers) clearTimeout(timer)
    if (subscriber !== undefined) tenant.subscriptions.remove(subscriber)
    tenant.presence.leave(channel)
    tenant.channels.delete(channel)
    joined.onClosed(channel)
  }

  // -- what it hears -------------------------------------------------------------------------------------------------------------------

  async function handle({ event, ref, payload }: Message): Promise<void> {
    if (event === 'phx_leave') {
      reply(ref, {})
      close(true)
    }
    if (event === 'access_token') await useToken(asObject(payload)['access_token'])
    if (event === 'broadcast') await broadcast(ref, isBinary(payload) ? payload : { kind: 'text', payload: asObject(payload) })
    if (event === 'presence') {
      const answer = { reply: (response: unknown, status?: string) => reply(ref, response, status), closeFor }
      tenant.presence.handle(channel, asObject(payload), answer)
    }
  }

  async function broadcast(ref: string | null, message: Broadcast): Promise<void> {
    tenant.broadcastRate.count()
    if (tenant.broadcastRate.isExceeded) return closeFor('Too many messages per second')
    const bytes = message.kind === 'binary' ? message.body.length : Buffer.byteLength(JSON.stringify(message.payload['payload'] ?? null))
    if (bytes > limits.payloadBytes) {
      if (joined.isAcknowledged) reply(ref, 'payload_size_exceeded', 'error')
      return
    }
    if (isPrivate) {
      canWrite ??= mayWrite(database, claims, name)
      // No answer either: the client waits for its acknowledgement in vain.
      if (!(await canWrite)) return
    }
    tenant.broadcast({ name, isPrivate }, message, joined.hearsItself ? undefined : channel)
    if (joined.isAcknowledged) reply(ref, {})
  }

  // -- tokens --------------------------------------------------------------------------------------------------------------------------

  async function useToken(next: unknown): Promise<void> {
    if (!isUserToken(next) || next === token) return
    const checked = await checkToken(next, tenant.jwtSecret)
    if (!checked.isValid) return closeFor(checked.reason)
    if (isPrivate && !(await mayRead(database, checked.claims, name))) {
      return closeFor(`You no longer have permission to read from this Channel topic: ${name}`)
    }
    token = next
    claims = checked.claims
    canWrite = undefined
    watchExpiry()
    follow(delays.resubscribe)
  }

  function watchExpiry(): void {
    clearTimeout(expiry)
    expiry = setTimeout(() => closeFor(expiredSince(claims.exp)), Math.min(claims.exp * 1000 - Date.now(), MAX_TIMER))
  }

  // -- changes of the database ---------------------------------------------------------------------------------------------------------

  function follow(delay: number): void {
    if (bindings.length === 0) return
    const timer = setTimeout(() => {
      timers.delete(timer)
      void subscribe()
    }, delay)
    timers.add(timer)
  }

  async function subscribe(): Promise<void> {
    const wrong = bindings.find((binding) => 'message' in binding)
    const next: Subscriber = {
      claims,
      bindings: bindings.filter((binding) => 'id' in binding),
      send: (data, ids) => tell('postgres_changes', `{"data":${data},"ids":${JSON.stringify(ids)}}`),
    }
    try {
      const problem = wrong ?? (await tenant.subscriptions.add(next))
      if (problem !== undefined) return system('postgres_changes', problem.message, 'error')
    } catch {
      // The database is away, which the client is not told.
      if (isOpen) follow(delays.follow)
      return
    }
    if (!isOpen) return tenant.subscriptions.remove(next)
    if (subscriber !== undefined) tenant.subscriptions.remove(subscriber)
    subscriber = next
    system('postgres_changes', 'Subscribed to PostgreSQL')
  }
}

const isBinary = (payload: unknown): payload is Broadcast => {
  const { kind, body } = asObject(payload)
  return kind === 'binary' && Buffer.isBuffer(body)
}
