import type { PublisherContext } from '../publisher.js'
import { watchLine } from './line.js'
import type { SocketIoSocket } from './server.js'

/** A client that follows something, as it is recorded. */
export interface Presence {
  /** Says once more that it is there, where it is time to. */
  check(): void
  /** Of our updates, what was handed to the connection and not taken by its client yet: characters. */
  waiting(): number
  end(): void
}

/** How often it is recorded that a client is there, milliseconds. */
const REPORT_MS = 30_000

export function createPresence(
  { id, conn }: SocketIoSocket,
  subject: string,
  message: string,
  { connections, clock }: PublisherContext,
): Presence {
  const line = watchLine(conn, message, clock)
  let reportedAt = 0

  function report(event: 'connect' | 'ping' | 'disconnect'): void {
    reportedAt = clock.now()
    connections.report(subject, { connection_id: id, event, status: 'connected', transport: 'socket-io', latency: line.latency() })
  }

  report('connect')
  return {
    check() {
      if (clock.now() - reportedAt >= REPORT_MS) report('ping')
    },
    waiting: line.waiting,
    end() {
      line.end()
      report('disconnect')
    },
  }
}
