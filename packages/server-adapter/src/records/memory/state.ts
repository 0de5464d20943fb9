import type { OperationRecords } from '../operation-records.js'
import type { ClientConnection, SystemSnapshot } from '../server-state.js'

/** What a server keeps besides operations, as long as its process lasts. */
export function createServerState(now: () => number): Pick<OperationRecords, 'leases' | 'feeds' | 'clients' | 'snapshots'> {
  const leases = new Map<string, { readonly holder: string; readonly untilMs: number }>()
  const feeds = new Map<string, number>()
  /** In the order in which they were heard last. */
  const clients = new Map<string, ClientConnection>()
  let snapshots: readonly SystemSnapshot[] = []

  const nameOf = ({ subject, connection_id }: Pick<ClientConnection, 'subject' | 'connection_id'>) =>
    JSON.stringify([subject, connection_id])

  return {
    leases: {
      async acquire(name, holder, forMs) {
        const lease = leases.get(name)
        if (lease !== undefined && lease.holder !== holder && lease.untilMs > now()) return false
        leases.set(name, { holder, untilMs: now() + forMs })
        return true
      },
      async release(name, holder) {
        if (leases.get(name)?.holder === holder) leases.delete(name)
      },
    },
    feeds: {
      get: async (feed) => feeds.get(feed),
      async save(feed, version) {
        feeds.set(feed, Math.max(version, feeds.get(feed) ?? 0))
      },
    },
    clients: {
      async save(saved) {
        for (const client of saved) {
          clients.delete(nameOf(client))
          clients.set(nameOf(client), client)
        }
      },
      async remove(removed) {
        for (const client of removed) clients.delete(nameOf(client))
      },
      async list({ subject, limit }) {
        return [...clients.values()].filter((client) => subject === undefined || client.subject === subject).slice(-limit)
      },
      async forget(beforeMs) {
        for (const [name, client] of clients) if (Date.parse(client.last_ping) < beforeMs) clients.delete(name)
      },
    },
    snapshots: {
      async add(snapshot) {
        snapshots = [...snapshots, snapshot]
      },
      list: async (limit) => snapshots.slice(-limit),
      async forget(beforeMs) {
        snapshots = snapshots.filter(({ taken_at }) => Date.parse(taken_at) >= beforeMs)
      },
    },
  }
}
