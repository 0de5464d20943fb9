import { isRecord } from '@upload-panel/core/protocol'
import type { Clock } from '../../clock.js'
import type { SocketIoConnection } from './server.js'

/** What is known of the connection below a socket. */
export interface SocketIoLine {
  /** How long the client took to answer Socket.IO's last ping, milliseconds; `null` before the first. */
  latency(): number | null
  /** Of our updates, what was handed to the connection and not taken by its client yet: characters. */
  waiting(): number
  end(): void
}

/** Where a packet names its event: behind the type, the namespace and numbers. */
const HEAD = 300

export function watchLine(connection: SocketIoConnection, message: string, clock: Clock): SocketIoLine {
  const mark = `[${JSON.stringify(message)},`
  let pingedAt: number | undefined
  let latency: number | null = null
  let waiting = 0

  const listeners = {
    packetCreate(packet: unknown) {
      const { type, data } = isRecord(packet) ? packet : {}
      if (type === 'ping') pingedAt = clock.now()
      // What else the application sends is its own to bound.
      if (typeof data === 'string' && data.slice(0, HEAD).includes(mark)) waiting += data.length
    },
    flush() {
      waiting = 0
    },
    heartbeat() {
      if (pingedAt === undefined) return
      latency = Math.max(0, clock.now() - pingedAt)
      pingedAt = undefined
    },
  }
  for (const [event, listener] of Object.entries(listeners)) connection.on(event, listener)

  return {
    latency: () => latency,
    waiting: () => waiting,
    end() {
      for (const [event, listener] of Object.entries(listeners)) connection.removeListener(event, listener)
    },
  }
}
