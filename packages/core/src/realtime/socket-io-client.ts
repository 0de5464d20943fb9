import { io } from 'socket.io-client'
import { UploadError } from '../errors.js'
import { isRecord, sanitizeText } from '../protocol/index.js'

type Listener = (...args: unknown[]) => void

/** A packet of the connection below Socket.IO: its text is what was on the wire. */
export interface EnginePacket {
  readonly type: string
  readonly data?: unknown
}

/** What is used of a `Socket` of socket.io-client 4. */
export interface SocketIoSocket {
  readonly connected: boolean
  /** Whether it will connect by itself. */
  readonly active: boolean
  /** Whether the server still knew the rooms of the connection before, and sends what was missed. */
  readonly recovered: boolean
  readonly io: {
    /** Another one for each connection. */
    readonly engine: {
      on(event: 'packet', listener: (packet: EnginePacket) => void): unknown
      off(event: 'packet', listener: (packet: EnginePacket) => void): unknown
    }
  }
  on(event: string, listener: Listener): unknown
  /** As optional as there: else a socket with typed events would not fit. */
  off(event?: string, listener?: Listener): unknown
  emit(event: string, ...args: unknown[]): unknown
  timeout(ms: number): { emit(event: string, ...args: unknown[]): unknown }
  connect(): unknown
  disconnect(): unknown
}

/** Where a client of ours connects to. */
export interface SocketIoAddress {
  /** The server, absolute or relative to the page; its path is the namespace, as in `io(url)`. */
  readonly url: string
  /** @default '/socket.io' */
  readonly path?: string
  /** Whether cookies go along to another origin. @default false */
  readonly withCredentials?: boolean
}

export type SocketIoMedium = 'websocket' | 'polling'

/** Makes a client that connects when it is told to, once: when it tries again is the caller's. `auth` is asked for each connection. */
export function makeSocket(
  { url, ...address }: SocketIoAddress,
  transports: SocketIoMedium[],
  auth: (send: (payload: object) => void) => void,
): SocketIoSocket {
  const socket = io(url, {
    ...address,
    auth,
    // Read anew for each connection. Where the first is refused, the next one is tried at once.
    transports,
    tryAllTransports: true,
    forceNew: true,
    autoConnect: false,
    reconnection: false,
  })
  // Ours covers the whole way, and not only the first half.
  socket.io.timeout(false)
  return socket
}

/** Why there is no connection. `isRefused` says whether the server's application said no: else it is the network's error. */
export function connectionError(error: unknown, isRefused: boolean): UploadError {
  // Long-polling shows the status of the answer, a WebSocket does not.
  const status = isRecord(error) ? error['description'] : undefined
  if (isRefused || status === 401 || status === 403) return refusal('the connection', isRefused ? error : undefined)
  return new UploadError('network', 'The Socket.IO server cannot be reached.', { cause: error })
}

/** What the answer to a join refuses it with; undefined where it says yes, in whatever words. */
export function joinRefusal(answer: unknown): UploadError | undefined {
  const { ok, error } = isRecord(answer) ? answer : { ok: answer }
  return ok === false || error != null ? refusal('to follow the upload', error) : undefined
}

/** In the server's words: text, `{code, message}`, or an Error that has those in its `data`. */
function refusal(what: string, words: unknown): UploadError {
  const said = isRecord(words) ? words : { message: words }
  const { code, message = said['message'] } = isRecord(said['data']) ? said['data'] : said
  const text = (value: unknown) => (typeof value === 'string' ? sanitizeText(value) : undefined)
  return new UploadError('auth', `The Socket.IO server refused ${what}. ${text(message) ?? ''}`.trim(), {
    remoteCode: text(code),
  })
}
