import type { Connection } from './connection.js'
import { down } from './reconnect.js'
import type { StompLink } from './stomp-client.js'
import { type CloseEvent, stompError, type StompFrame, type StompSession, type StompSubscriptions } from './stomp-subscriptions.js'

interface Handlers {
  onConnect(frame: StompFrame): void
  onStompError(frame: StompFrame): void
  onWebSocketClose(event: CloseEvent): void
  onHeartbeatReceived(): void
}

/** What is used of a `Client` of @stomp/stompjs 7. */
export interface StompClient extends StompSession, Handlers {
  /** Whether it is connected, or will connect by itself. */
  readonly active: boolean
}

/** Follows over a client that its user made, activates, configures and ends. */
export function userLink(client: StompClient, connection: Connection, subscriptions: StompSubscriptions): StompLink {
  let attempts = 0
  let stopListening = () => {}

  function onConnect(): void {
    attempts = 0
    connection.alive()
    subscriptions.connected(client)
  }

  const handlers: Handlers = {
    onConnect,
    onStompError(frame) {
      if (client.connected) return subscriptions.failed(frame)
      connection.set({ status: 'error' })
      subscriptions.refuseAll(stompError('the connection', frame))
    },
    onWebSocketClose(event) {
      attempts += 1
      connection.set({ ...down(attempts), ...(!client.active && { status: 'disconnected' }), latency: null })
      subscriptions.closed(event)
    },
    onHeartbeatReceived: () => connection.alive(),
  }

  return {
    open() {
      stopListening = listen(client, handlers)
      if (client.connected) onConnect()
      else connection.set({ status: client.active ? 'reconnecting' : 'disconnected' })
    },
    close: () => stopListening(),
    // When it tries again is set where it was made.
    wake() {},
  }
}

// -- a client has one handler of each kind, and they are its user's -------------------------------------------------------------------------

interface Hub {
  readonly listeners: Set<Handlers>
  restore(): void
}

/** One for each client, so that several transports can come and go in any order. */
const hubs = new WeakMap<StompClient, Hub>()

function listen(client: StompClient, handlers: Handlers): () => void {
  const hub = hubs.get(client) ?? install(client)
  hubs.set(client, hub)
  hub.listeners.add(handlers)
  return () => {
    if (!hub.listeners.delete(handlers) || hub.listeners.size > 0) return
    hub.restore()
    hubs.delete(client)
  }
}

function install(client: StompClient): Hub {
  const listeners = new Set<Handlers>()
  const names = ['onConnect', 'onStompError', 'onWebSocketClose', 'onHeartbeatReceived'] as const
  const restores = names.map((name) =>
    chain(client, name, (argument) => {
      for (const listener of [...listeners]) listener[name](argument)
    }),
  )
  return { listeners, restore: () => restores.forEach((restore) => restore()) }
}

/** Handlers that are kept of one kind: for those who wrap the one before in their own, and not for those who replace it again and again. */
const MAX_HANDLERS = 10

/** Ours runs after theirs, also after one that is set later, whether that replaces or wraps the one before. The returned function leaves theirs alone. */
function chain(client: StompClient, name: keyof Handlers, ours: (argument: StompFrame & CloseEvent) => void): () => void {
  const theirs: unknown[] = [client[name]]
  /** A handler that wraps the one before has got ours from `get`, and calls it. */
  let depth = 0
  const both = (argument: StompFrame & CloseEvent) => {
    depth += 1
    try {
      const handler = theirs.at(-depth)
      if (typeof handler === 'function') Reflect.apply(handler, client, [argument])
    } finally {
      depth -= 1
      if (depth === 0) ours(argument)
    }
  }
  const property = { configurable: true, enumerable: true }
  Object.defineProperty(client, name, {
    ...property,
    get: () => both,
    set(handler: unknown) {
      theirs.push(handler)
      if (theirs.length > MAX_HANDLERS) theirs.shift()
    },
  })
  return () => Object.defineProperty(client, name, { ...property, writable: true, value: theirs.pop() })
}
