import type { Database } from './database.ts'
import { asText, type JsonObject, parseJson } from './json.ts'

const MAX_REPLAYED = 25

/** The last messages that the database sent to a topic, oldest first; undefined when they are not asked for as they should be. */
export async function readMessages(
  database: Database,
  topic: string,
  { since, limit = MAX_REPLAYED }: JsonObject,
): Promise<readonly JsonObject[] | undefined> {
  if (typeof since !== 'number' || typeof limit !== 'number' || limit < 1 || limit > MAX_REPLAYED) return undefined
  const rows = await database.query(
    `select id::text, event, payload::text from realtime.messages
     where topic = $1 and private and inserted_at >= to_timestamp($2::float8 / 1000) order by inserted_at desc limit $3`,
    [topic, since, limit],
  )
  return rows
    .map(([id, event, payload]) => ({
      event,
      meta: { id, replayed: true },
      payload: parseJson(asText(payload) ?? 'null'),
      type: 'broadcast',
    }))
    .reverse()
}
