import type { OperationRecords } from '../operation-records.js'
import type { ClientConnection, SystemSnapshot } from '../server-state.js'
import type { ReadRow } from './columns.js'
import type { Statements } from './database.js'
import type { StateQueries } from './state-queries.js'
import { storable } from './storable.js'

/** What the nodes of one server share besides operations. */
export function createServerState(
  database: () => Statements,
  queries: StateQueries,
): Pick<OperationRecords, 'leases' | 'feeds' | 'clients' | 'snapshots'> {
  const query: Statements['query'] = (text, values) => database().query(text, values)

  return {
    leases: {
      acquire: async (name, holder, forMs) => (await query(queries.acquireLease, [name, holder, forMs])).length === 1,
      async release(name, holder) {
        await query(queries.releaseLease, [name, holder])
      },
    },
    feeds: {
      async get(feed) {
        const [row] = await query(queries.feedPosition, [feed])
        return row === undefined ? undefined : Number(row['version'])
      },
      async save(feed, version) {
        await query(queries.saveFeedPosition, [feed, version])
      },
    },
    clients: {
      async save(saved) {
        if (saved.length === 0) return
        await query(queries.saveClients, [json([...new Map(saved.map((client) => [nameOf(client), client])).values()])])
      },
      async remove(removed) {
        if (removed.length === 0) return
        await query(queries.removeClients, [json(removed.map(({ subject, connection_id }) => ({ subject, connection_id })))])
      },
      async list({ subject, limit }) {
        const rows = await (subject === undefined ? query(queries.clients, [limit]) : query(queries.clientsOf, [limit, subject]))
        return rows.map(toClient).reverse()
      },
      async forget(beforeMs) {
        await query(queries.forgetClients, [beforeMs])
      },
    },
    snapshots: {
      async add({ taken_at, metrics, health, connections, active_operations }) {
        await query(queries.addSnapshot, [taken_at, json(metrics), json(health), connections, active_operations])
      },
      list: async (limit) => (await query(queries.snapshots, [limit])).map(toSnapshot).reverse(),
      async forget(beforeMs) {
        await query(queries.forgetSnapshots, [beforeMs])
      },
    },
  }
}

const nameOf = ({ subject, connection_id }: ClientConnection) => JSON.stringify([subject, connection_id])

function json(value: unknown): string {
  const text = JSON.stringify(value)
  return JSON.stringify(storable(value, text))
}

const iso = (ms: string | null | undefined) => new Date(Number(ms)).toISOString()

function toClient(row: ReadRow): ClientConnection {
  return {
    connection_id: String(row['connection_id']),
    subject: String(row['subject']),
    status: row['status'] as ClientConnection['status'],
    transport: String(row['transport']),
    latency: row['latency'] === null ? null : Number(row['latency']),
    reconnect_attempts: Number(row['reconnect_attempts']),
    connected_at: iso(row['connected_at']),
    last_ping: iso(row['last_ping']),
  }
}

function toSnapshot(row: ReadRow): SystemSnapshot {
  return {
    taken_at: iso(row['taken_at']),
    metrics: JSON.parse(String(row['metrics'])) as SystemSnapshot['metrics'],
    health: JSON.parse(String(row['health'])) as SystemSnapshot['health'],
    connections: Number(row['connections']),
    active_operations: Number(row['active_operations']),
  }
}
