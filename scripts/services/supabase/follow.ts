import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import type { Delays } from './options.ts'
import { decodeWal, type Relation, type WalEvent } from './pgoutput.ts'

export interface Change extends Extract<WalEvent, { kind: 'change' }> {
  readonly table: Relation
  readonly committedAt: Date
}

/** How the database is followed. */
export interface Follower {
  /** Whether what is committed from now on arrives. */
  readonly isFollowing: boolean
  /** While deaf, it reads what is committed and loses it. Resolves when whatever was committed before the call has been read in the old way. */
  setDeaf(isDeaf: boolean): Promise<void>
}

/** Temporary: it ends with its connection, and what is committed before the next one exists is lost. */
const SLOT = 'supabase_realtime_replication_slot'
const PUBLICATIONS = 'supabase_realtime,supabase_realtime_messages'

/** Follows what is committed for as long as this process lives, by asking now and then. */
export function followDatabase(
  url: string,
  { follow, poll }: Pick<Delays, 'follow' | 'poll'>,
  onChanges: (changes: readonly Change[]) => Promise<void>,
): Follower {
  let isFollowing = false
  let isDeaf = false
  const orders: (() => void)[] = []

  async function followOnce(): Promise<void> {
    const client = new Client({ connectionString: url, connectionTimeoutMillis: 2000 })
    // The query that is under way, or the next, tells of it.
    client.on('error', () => {})
    try {
      await client.connect()
      await client.query(`select pg_create_logical_replication_slot($1, 'pgoutput', true)`, [SLOT])
      isFollowing = true
      const readTransactions = createReader()
      for (;;) {
        const given = orders.length
        const { rows } = await client.query<{ data: Buffer }>(
          `select data from pg_logical_slot_get_binary_changes($1, null, null, 'proto_version', '1', 'publication_names', $2)`,
          [SLOT, PUBLICATIONS],
        )
        const changes = readTransactions(rows.map(({ data }) => data))
        if (changes.length > 0 && !isDeaf) await onChanges(changes)
        for (const order of orders.splice(0, given)) order()
        await sleep(changes.length > 0 ? poll : poll * 5)
      }
    } catch {
      isFollowing = false
    } finally {
      await client.end().catch(() => {})
    }
  }

  void (async () => {
    for (;;) {
      await followOnce()
      await sleep(follow)
    }
  })()
  return {
    get isFollowing() {
      return isFollowing
    },
    setDeaf: (next) =>
      new Promise((resolve) => {
        orders.push(() => {
          isDeaf = next
          resolve()
        })
      }),
  }
}

function createReader(): (messages: readonly Buffer[]) => readonly Change[] {
  const relations = new Map<number, Relation>()
  let committedAt = new Date(0)
  return (messages) => {
    const changes: Change[] = []
    for (const message of messages) {
      const event = decodeWal(message)
      if (event?.kind === 'begin') committedAt = event.committedAt
      if (event?.kind === 'relation') relations.set(event.relation.id, event.relation)
      if (event?.kind !== 'change') continue
      const table = relations.get(event.relation)
      if (table !== undefined) changes.push({ ...event, table, committedAt })
    }
    return changes
  }
}
