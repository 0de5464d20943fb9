import type { Channel } from './channel.ts'
import { type Database, openDatabase } from './database.ts'
import { type Change, type Follower, followDatabase } from './follow.ts'
import type { Broadcast } from './frames.ts'
import type { Delays, Limits, ServerOptions } from './options.ts'
import { createPresence, type Presence } from './presence.ts'
import { createRate, type Rate } from './rates.ts'
import type { KnownTables } from './rows.ts'
import { createSubscriptions, type Subscriptions } from './subscriptions.ts'

/** Everything that the connections of one project share. */
export interface Tenant {
  readonly jwtSecret: string
  readonly delays: Delays
  readonly limits: Limits
  readonly database: Database
  readonly follower: Follower
  readonly subscriptions: Subscriptions
  readonly presence: Presence
  readonly channels: Set<Channel>
  readonly broadcastRate: Rate
  readonly joinRate: Rate
  /** Whether changes already flow, so that whoever joins need not wait for them. Asking begins it. */
  isWarm(): boolean
  broadcast(to: Pick<Channel, 'name' | 'isPrivate'>, broadcast: Broadcast, except?: Channel): void
}

export function createTenant({ postgresUrl, jwtSecret, delays, limits }: ServerOptions): Tenant {
  const database = openDatabase(postgresUrl)
  const changesRate = createRate(limits.eventsPerSecond, limits.rateTick)
  const subscriptions = createSubscriptions(database, changesRate)
  const channels = new Set<Channel>()
  const follower = followDatabase(postgresUrl, delays, async (changes) => {
    const tables: KnownTables = new Map()
    for (const change of changes) await tell(change, tables)
  })
  let wasJoined = false

  async function tell(change: Change, tables: KnownTables): Promise<void> {
    if (change.table.schema === 'realtime' && change.table.name === 'messages') return tellMessage(change)
    // A table that is gone by now, or whose filters no longer fit, has nothing to say; the others do.
    await subscriptions.tell(change, tables).catch((error: unknown) => console.error(error))
  }

  function tellMessage({ table, row }: Change): void {
    const field = (name: string) => row[table.columns.findIndex((column) => column.name === name)] ?? ''
    const meta = JSON.stringify({ id: field('id') })
    const body = Buffer.from(field('payload'))
    tenant.broadcast(
      { name: field('topic'), isPrivate: field('private') === 't' },
      { kind: 'binary', event: field('event'), meta, isJson: true, body },
    )
  }

  const tenant: Tenant = {
    jwtSecret,
    delays,
    limits,
    database,
    follower,
    subscriptions,
    presence: createPresence(limits.presencePerChannel),
    channels,
    broadcastRate: createRate(limits.eventsPerSecond, limits.rateTick),
    joinRate: createRate(limits.joinsPerSecond, limits.rateTick),
    isWarm() {
      const isWarm = wasJoined && follower.isFollowing
      wasJoined = true
      return isWarm
    },
    broadcast({ name, isPrivate }, broadcast, except) {
      for (const channel of channels) {
        if (channel.name === name && channel.isPrivate === isPrivate && channel !== except) channel.receive(broadcast)
      }
    },
  }
  return tenant
}
