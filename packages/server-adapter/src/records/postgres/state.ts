import type { OperationRecords } from '../operation-records.js'
import type { ClientConnection, SystemSnapshot } from '../server-state.js'
import type { ReadRow } from './columns.js'
import type { Database } from './database.js'
import { storable } from './storable.js'

/** What the nodes of one server share besides operations. */
export function createServerState(
  database: () => Database,
  schema: string,
): Pick<OperationRecords, 'leases' | 'feeds' | 'clients' | 'snapshots'> {
  const clients = `${schema}.connection_status`
  const snapshots = `${schema}.sync_status_snapshots`
  const query: Database['query'] = (text, values) => database().query(text, values)
  const time = (column: string) => `(extract(epoch FROM ${column}) * 1000)::bigint AS ${column}`

  return {
    leases: {
      async acquire(name, holder, forMs) {
        const rows = await query(
          `INSERT INTO ${schema}.sync_leases AS held (name, holder, until) VALUES ($1, $2, clock_timestamp() + $3::double precision * interval '1 ms')
          ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
            WHERE held.holder = excluded.holder OR held.until <= clock_timestamp()
          RETURNING name`,
          [name, holder, forMs],
        )
        return rows.length === 1
      },
      async release(name, holder) {
        await query(`DELETE FROM ${schema}.sync_leases WHERE name = $1 AND holder = $2`, [name, holder])
      },
    },
    feeds: {
      async get(feed) {
        const [row] = await query(`SELECT version FROM ${schema}.sync_feeds WHERE name = $1`, [feed])
        return row === undefined ? undefined : Number(row['version'])
      },
      async save(feed, version) {
        await query(
          `INSERT INTO ${schema}.sync_feeds AS told (name, version) VALUES ($1, $2)
          ON CONFLICT (name) DO UPDATE SET version = greatest(told.version, excluded.version)`,
          [feed, version],
        )
      },
    },
    clients: {
      async save(saved) {
        if (saved.length === 0) return
        await query(
          // Rows are locked in one order, whoever saves them.
          `INSERT INTO ${clients} (subject, connection_id, status, transport, latency, reconnect_attempts, connected_at, last_ping)
          SELECT subject, connection_id, status, transport, latency, reconnect_attempts, connected_at, last_ping FROM json_to_recordset($1::json) AS i(
            subject text, connection_id text, status text, transport text, latency double precision, reconnect_attempts double precision,
            connected_at timestamptz, last_ping timestamptz
          ) ORDER BY subject, connection_id
          ON CONFLICT (subject, connection_id) DO UPDATE SET status = excluded.status, transport = excluded.transport, latency = excluded.latency,
            reconnect_attempts = excluded.reconnect_attempts, connected_at = excluded.connected_at, last_ping = excluded.last_ping`,
          [json([...new Map(saved.map((client) => [nameOf(client), client])).values()])],
        )
      },
      async remove(removed) {
        if (removed.length === 0) return
        await query(
          `DELETE FROM ${clients} USING json_to_recordset($1::json) AS i(subject text, connection_id text)
          WHERE connection_status.subject = i.subject AND connection_status.connection_id = i.connection_id`,
          [json(removed.map(({ subject, connection_id }) => ({ subject, connection_id })))],
        )
      },
      async list({ subject, limit }) {
        const rows = await query(
          `SELECT subject, connection_id, status, transport, latency, reconnect_attempts, ${time('connected_at')}, ${time('last_ping')}
          FROM ${clients} ${subject === undefined ? '' : 'WHERE subject = $2'} ORDER BY connection_status.last_ping DESC LIMIT $1`,
          [limit, ...(subject === undefined ? [] : [subject])],
        )
        return rows.map(toClient).reverse()
      },
      async forget(beforeMs) {
        await query(`DELETE FROM ${clients} WHERE last_ping < to_timestamp($1::double precision / 1000)`, [beforeMs])
      },
    },
    snapshots: {
      async add({ taken_at, metrics, health, connections, active_operations }) {
        await query(`INSERT INTO ${snapshots} (taken_at, metrics, health, connections, active_operations) VALUES ($1, $2, $3, $4, $5)`, [
          taken_at,
          json(metrics),
          json(health),
          connections,
          active_operations,
        ])
      },
      async list(limit) {
        const rows = await query(
          `SELECT ${time('taken_at')}, metrics, health, connections, active_operations
          FROM ${snapshots} ORDER BY sync_status_snapshots.taken_at DESC, id DESC LIMIT $1`,
          [limit],
        )
        return rows.map(toSnapshot).reverse()
      },
      async forget(beforeMs) {
        await query(`DELETE FROM ${snapshots} WHERE taken_at < to_timestamp($1::double precision / 1000)`, [beforeMs])
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
