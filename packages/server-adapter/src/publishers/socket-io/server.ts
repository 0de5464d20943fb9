/** What is used of a `BroadcastOperator` of Socket.IO 4, and of the emitters for servers elsewhere: `@socket.io/redis-emitter` is one. */
export interface SocketIoEmitter {
  to(rooms: string[]): {
    /** Where this answers a promise, it is waited for, and a word that was not taken is told again. */
    emit(event: string, ...args: unknown[]): unknown
  }
}

/** How a connection began. */
export interface SocketIoHandshake {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** What the client gave as `auth`. */
  readonly auth: unknown
  /** Of the request, with its query. */
  readonly url: string
  /** Whether it came by TLS. */
  readonly secure: boolean
  /** Of whoever opened the connection. */
  readonly address: string
}

/** The connection below Socket.IO. */
export interface SocketIoConnection {
  on(event: string, listener: (...args: unknown[]) => void): unknown
  removeListener(event: string, listener: (...args: unknown[]) => void): unknown
  /** `discard`: without sending what still waits. */
  close(discard?: boolean): void
}

/** What is used of a `Socket` of Socket.IO 4. */
export interface SocketIoSocket {
  readonly id: string
  /** Whether Socket.IO goes on with a connection that was lost. */
  readonly recovered: boolean
  readonly handshake: SocketIoHandshake
  readonly conn: SocketIoConnection
  /** The application's own; kept by Socket.IO for a connection that may be recovered. */
  readonly data: unknown
  on(event: string, listener: (...args: unknown[]) => void): unknown
  removeListener(event: string, listener: (...args: unknown[]) => void): unknown
  join(room: string): Promise<void> | void
  leave(room: string): Promise<void> | void
  disconnect(): unknown
}

/** What is used of a `Namespace` of Socket.IO 4. */
export interface SocketIoNamespace extends SocketIoEmitter {
  /** Reaches the sockets of this process alone. */
  readonly local: SocketIoEmitter
  readonly sockets: ReadonlyMap<string, SocketIoSocket>
  on(event: 'connection', listener: (socket: SocketIoSocket) => void): unknown
  removeListener(event: 'connection', listener: (socket: SocketIoSocket) => void): unknown
}

/** What is used of a `Server` of Socket.IO 4: its namespace `/`. */
export interface SocketIoServer {
  of(name: string): SocketIoNamespace
}
