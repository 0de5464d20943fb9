import type { ConnectionReport } from '@upload-panel/core/protocol'
import type { Clock } from '../clock.js'
import type { ClientConnection } from '../records/server-state.js'

/** Which clients there are, by their own reports. In memory alone, and bounded: a client that comes back says so again. */
export interface Connections {
  report(subject: string, report: ConnectionReport): void
  /** Those of a subject, or of all; who was heard last comes last. */
  list(subject?: string): readonly ClientConnection[]
}

/** A client reports every 30 s, in a hidden tab once a minute: after this many milliseconds of silence it is gone. */
const STALE_MS = 150_000
const MOST = { ofSubject: 100, ofAll: 10_000 }

export function createConnections(clock: Clock): Connections {
  // In the order in which they were heard last, so that whoever is gone stands in front.
  const clients = new Map<string, ClientConnection>()
  const bySubject = new Map<string, Map<string, ClientConnection>>()

  /** Ids have no NUL. */
  const keyOf = (subject: string, id: string) => `${subject}\0${id}`

  function forget({ subject, connection_id: id }: ClientConnection): void {
    clients.delete(keyOf(subject, id))
    const own = bySubject.get(subject)
    own?.delete(id)
    if (own?.size === 0) bySubject.delete(subject)
  }

  function forgetStale(): void {
    const limit = clock.now() - STALE_MS
    for (const client of clients.values()) {
      if (clients.size <= MOST.ofAll && Date.parse(client.last_ping) > limit) return
      forget(client)
    }
  }

  return {
    report(subject, { connection_id: id, event, status = 'connected', transport = '', latency = null, reconnect_attempts = 0 }) {
      const before = bySubject.get(subject)?.get(id)
      if (before !== undefined) forget(before)
      if (event === 'disconnect') return
      const now = new Date(clock.now()).toISOString()
      const connectedAt = event === 'connect' || before === undefined ? now : before.connected_at
      const client: ClientConnection = {
        connection_id: id,
        subject,
        status,
        transport,
        latency,
        reconnect_attempts,
        connected_at: connectedAt,
        last_ping: now,
      }
      const own = bySubject.get(subject) ?? new Map<string, ClientConnection>()
      bySubject.set(subject, own.set(id, client))
      clients.set(keyOf(subject, id), client)
      const [oldest] = own.values()
      if (own.size > MOST.ofSubject && oldest !== undefined) forget(oldest)
      forgetStale()
    },
    list(subject) {
      forgetStale()
      return [...(subject === undefined ? clients : (bySubject.get(subject) ?? new Map<string, ClientConnection>())).values()]
    },
  }
}
