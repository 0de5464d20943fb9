import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import type { Clock } from '../../clock.js'
import type { OperationRecords } from '../operation-records.js'
import type { ClientConnection, SystemSnapshot } from '../server-state.js'

export type StateStatements = ReturnType<typeof prepareState>

/** @param transaction runs work that is kept as a whole */
export function prepareState(database: DatabaseSync, clock: Clock, transaction: (work: () => void) => void) {
  const sql = (text: string) => database.prepare(text)
  return {
    now: clock.now,
    transaction,
    acquire: sql(`INSERT INTO leases (name, holder, until_ms) VALUES ($name, $holder, $until) ON CONFLICT (name) DO UPDATE
      SET holder = excluded.holder, until_ms = excluded.until_ms WHERE holder = excluded.holder OR until_ms <= $now`),
    release: sql('DELETE FROM leases WHERE name = ? AND holder = ?'),
    feed: sql('SELECT version FROM feeds WHERE name = ?'),
    saveFeed: sql(
      'INSERT INTO feeds (name, version) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET version = max(version, excluded.version)',
    ),
    saveClient: sql(`INSERT INTO connection_status (subject, connection_id, last_ping_ms, client) VALUES (?, ?, ?, ?)
      ON CONFLICT (subject, connection_id) DO UPDATE SET last_ping_ms = excluded.last_ping_ms, client = excluded.client`),
    removeClient: sql('DELETE FROM connection_status WHERE subject = ? AND connection_id = ?'),
    clients: sql('SELECT client FROM connection_status ORDER BY last_ping_ms DESC LIMIT ?'),
    clientsOf: sql('SELECT client FROM connection_status WHERE subject = ? ORDER BY last_ping_ms DESC LIMIT ?'),
    forgetClients: sql('DELETE FROM connection_status WHERE last_ping_ms < ?'),
    addSnapshot: sql('INSERT INTO sync_status_snapshots (taken_at_ms, snapshot) VALUES (?, ?)'),
    snapshots: sql('SELECT snapshot FROM sync_status_snapshots ORDER BY taken_at_ms DESC, id DESC LIMIT ?'),
    forgetSnapshots: sql('DELETE FROM sync_status_snapshots WHERE taken_at_ms < ?'),
  }
}

/** What the nodes of one server share besides operations, in the same file. */
export function createServerState(statements: () => StateStatements): Pick<OperationRecords, 'leases' | 'feeds' | 'clients' | 'snapshots'> {
  return {
    leases: {
      async acquire(name, holder, forMs) {
        const { acquire, now } = statements()
        return acquire.run({ $name: name, $holder: holder, $until: now() + forMs, $now: now() }).changes === 1
      },
      release: async (name, holder) => void statements().release.run(name, holder),
    },
    feeds: {
      async get(feed) {
        const version = statements().feed.get(feed)?.['version']
        return version === undefined ? undefined : Number(version)
      },
      save: async (feed, version) => void statements().saveFeed.run(feed, version),
    },
    clients: {
      async save(clients) {
        const { transaction, saveClient } = statements()
        transaction(() => {
          for (const client of clients) {
            saveClient.run(client.subject, client.connection_id, Date.parse(client.last_ping), JSON.stringify(client))
          }
        })
      },
      async remove(clients) {
        const { transaction, removeClient } = statements()
        transaction(() => {
          for (const { subject, connection_id } of clients) removeClient.run(subject, connection_id)
        })
      },
      async list({ subject, limit }) {
        const rows = subject === undefined ? statements().clients.all(limit) : statements().clientsOf.all(subject, limit)
        return rows.map((row) => parse<ClientConnection>(row['client'])).reverse()
      },
      forget: async (beforeMs) => void statements().forgetClients.run(beforeMs),
    },
    snapshots: {
      add: async (snapshot) => void statements().addSnapshot.run(Date.parse(snapshot.taken_at), JSON.stringify(snapshot)),
      list: async (limit) =>
        statements()
          .snapshots.all(limit)
          .map((row) => parse<SystemSnapshot>(row['snapshot']))
          .reverse(),
      forget: async (beforeMs) => void statements().forgetSnapshots.run(beforeMs),
    },
  }
}

function parse<T>(text: SQLOutputValue | undefined): T {
  return JSON.parse(String(text)) as T
}
