import { randomUUID } from 'node:crypto'
import { actAs, type Database } from './database.ts'
import type { Claims } from './tokens.ts'

/** Whether a private topic may be listened to: whether a message of it, which is only tried out, would be seen. */
export function mayRead(database: Database, claims: Claims, topic: string): Promise<boolean> {
  return database.rehearse(async (client) => {
    const ids = [randomUUID(), randomUUID()]
    await client.query(`insert into realtime.messages (id, topic, extension) values ($1, $3, 'broadcast'), ($2, $3, 'presence')`, [
      ...ids,
      topic,
    ])
    await actAs(client, claims, topic)
    const { rowCount } = await client.query('select 1 from realtime.messages where id = any($1)', [ids])
    return rowCount !== 0
  })
}

/** Whether anything may be broadcast to a private topic. */
export async function mayWrite(database: Database, claims: Claims, topic: string): Promise<boolean> {
  try {
    await database.rehearse(async (client) => {
      await actAs(client, claims, topic)
      await client.query('insert into realtime.messages (topic, extension) values ($1, $2)', [topic, 'broadcast'])
    })
    return true
  } catch {
    return false
  }
}
