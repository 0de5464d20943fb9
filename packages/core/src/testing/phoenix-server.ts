/** A frame of the protocol's second version, as a client sends it. */
export interface PhoenixFrame {
  readonly joinRef: string | null
  readonly ref: string | null
  readonly topic: string
  readonly event: string
  readonly payload: Readonly<Record<string, unknown>>
}

/** A Phoenix server behind the WebSockets that are made while a test runs. It answers heartbeats; all else is up to the test. */
export interface PhoenixServer {
  /** To be put in the place of the global one. */
  readonly WebSocket: new (
    url: string,
  ) => object
  /** Of all connections so far. */
  readonly frames: readonly PhoenixFrame[]
  /** Addresses that were connected to. */
  readonly urls: readonly string[]
  connections(): number
  /** Whether connections open by themselves; else they fail. Not said: they do. */
  accept(isAccepting: boolean): void
  /** Says nothing any more, and hears nothing, on the connections that there are. */
  freeze(): void
  /** Frames of one event, oldest first. */
  sent(event: string): readonly PhoenixFrame[]
  /** The last join of a channel, by the end of its name. */
  join(name: string): PhoenixFrame
  reply(frame: PhoenixFrame, status: 'ok' | 'error', response?: object): void
  /** To the channel of a join. */
  push(join: PhoenixFrame, event: string, payload: object, options?: { readonly isOfJoin?: boolean }): void
  /** A binary frame of a broadcast, as the database and HTTP send them. */
  broadcast(join: PhoenixFrame, event: string, payload: object): void
  close(code: number): void
}

interface FakeSocket {
  readyState: number
  onopen?: () => void
  onerror?: (event: object) => void
  onmessage?: (event: { readonly data: unknown }) => void
  onclose?: (event: { readonly code: number; readonly reason: string }) => void
  isFrozen: boolean
}

export function createPhoenixServer(): PhoenixServer {
  const frames: PhoenixFrame[] = []
  const urls: string[] = []
  const sockets = new Set<FakeSocket>()
  const owners = new Map<PhoenixFrame, FakeSocket>()
  let isAccepting = true

  class Socket implements FakeSocket {
    readyState = 0
    isFrozen = false
    bufferedAmount = 0
    onopen?: () => void
    onerror?: (event: object) => void
    onmessage?: (event: { readonly data: unknown }) => void
    onclose?: (event: { readonly code: number; readonly reason: string }) => void

    constructor(url: string) {
      urls.push(url)
      queueMicrotask(() => {
        if (this.readyState !== 0) return
        if (!isAccepting) {
          this.onerror?.({ type: 'error' })
          return end(this, 1006)
        }
        this.readyState = 1
        sockets.add(this)
        this.onopen?.()
      })
    }

    send(text: string): void {
      // What was written a moment ago has not left yet.
      this.bufferedAmount += 1
      setTimeout(() => (this.bufferedAmount -= 1), 1)
      if (this.isFrozen) return
      const [joinRef, ref, topic, event, payload] = JSON.parse(text)
      const frame: PhoenixFrame = { joinRef, ref, topic, event, payload }
      frames.push(frame)
      owners.set(frame, this)
      if (event === 'heartbeat' || event === 'phx_leave') queueMicrotask(() => reply(frame, 'ok'))
    }

    close(): void {
      // The other end of a half-open connection does not take part in its end.
      if (this.isFrozen) this.readyState = 2
      else end(this, 1000)
      sockets.delete(this)
    }
  }

  function end(socket: FakeSocket, code: number): void {
    if (socket.readyState === 3) return
    socket.readyState = 3
    sockets.delete(socket)
    socket.onclose?.({ code, reason: '' })
  }

  function give(frame: PhoenixFrame, data: unknown): void {
    const socket = owners.get(frame)
    if (socket?.readyState === 1 && !socket.isFrozen) socket.onmessage?.({ data })
  }

  function reply({ joinRef, ref, topic, ...frame }: PhoenixFrame, status: 'ok' | 'error', response: object = {}): void {
    const asked = frames.find((one) => one.ref === ref && one.topic === topic && one.event === frame.event)
    if (asked !== undefined) give(asked, JSON.stringify([joinRef, ref, topic, 'phx_reply', { response, status }]))
  }

  return {
    WebSocket: Socket,
    frames,
    urls,
    connections: () => sockets.size,
    accept(accepts) {
      isAccepting = accepts
    },
    freeze() {
      for (const socket of sockets) socket.isFrozen = true
    },
    sent: (event) => frames.filter((frame) => frame.event === event),
    join(name) {
      const join = frames.filter((frame) => frame.event === 'phx_join' && frame.topic.endsWith(name)).at(-1)
      if (join === undefined) throw new Error(`Nobody joined ${name}.`)
      return join
    },
    reply,
    push(join, event, payload, { isOfJoin = true } = {}) {
      give(join, JSON.stringify([isOfJoin ? join.joinRef : null, null, join.topic, event, payload]))
    },
    broadcast(join, event, payload) {
      const [topic, name, body] = [join.topic, event, JSON.stringify(payload)].map((text) => new TextEncoder().encode(text))
      if (topic === undefined || name === undefined || body === undefined) return
      give(join, Uint8Array.of(4, topic.length, name.length, 0, 1, ...topic, ...name, ...body).buffer)
    },
    close(code) {
      for (const socket of sockets) end(socket, code)
    },
  }
}
