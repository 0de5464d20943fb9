import { escapeLiteral, Pool, type PoolClient } from 'pg'
import { asObject } from './json.ts'
import type { Claims } from './tokens.ts'

/** The database for questions; changes come by another way. */
export interface Database {
  /** @throws what PostgreSQL says */
  query(sql: string, values?: readonly unknown[]): Promise<readonly (readonly unknown[])[]>
  /** Asks as a subscriber, whose rights and policies then hold. Values are escaped by the caller. */
  queryAs(claims: Claims, sql: string): Promise<readonly unknown[]>
  /** Whether it can be reached. */
  answers(): Promise<boolean>
  /** A transaction that leaves nothing behind. */
  rehearse<Result>(steps: (client: PoolClient) => Promise<Result>): Promise<Result>
  /** A transaction that is kept. */
  transact<Result>(steps: (client: PoolClient) => Promise<Result>): Promise<Result>
}

export function openDatabase(url: string): Database {
  const pool = new Pool({ connectionString: url, max: 4, connectionTimeoutMillis: 2000 })
  // Whoever uses the connection hears of its end by itself.
  pool.on('error', () => {})

  async function inTransaction<Result>(steps: (client: PoolClient) => Promise<Result>, end: 'commit' | 'rollback'): Promise<Result> {
    const client = await pool.connect()
    let problem: Error | undefined
    try {
      await client.query('begin')
      const result = await steps(client)
      await client.query(end)
      return result
    } catch (error) {
      problem = error instanceof Error ? error : new Error(String(error))
      throw error
    } finally {
      // A connection whose transaction has failed is not used again.
      client.release(problem)
    }
  }

  return {
    async query(sql, values = []) {
      const { rows } = await pool.query<unknown[]>({ text: sql, values: [...values], rowMode: 'array' })
      return rows
    },
    async queryAs(claims, sql) {
      // Statements that are sent together are one transaction, and the settings end with it.
      const results: unknown = await pool.query(`${actingAs(claims, '')}; ${sql}`)
      const last: unknown = Array.isArray(results) ? results.at(-1) : undefined
      const { rows } = asObject(last)
      return Array.isArray(rows) ? rows : []
    },
    answers: () =>
      pool.query('select 1').then(
        () => true,
        () => false,
      ),
    rehearse: (steps) => inTransaction(steps, 'rollback'),
    transact: (steps) => inTransaction(steps, 'commit'),
  }
}

/** From now on until the transaction's end this is the subscriber who asks. */
export async function actAs(client: PoolClient, claims: Claims, topic: string): Promise<void> {
  await client.query(actingAs(claims, topic))
}

function actingAs(claims: Claims, topic: string): string {
  const settings = { role: claims.role, 'request.jwt.claims': JSON.stringify(claims), 'realtime.topic': topic }
  return `select ${Object.entries(settings)
    .map(([name, value]) => `set_config('${name}', ${escapeLiteral(value)}, true)`)
    .join(', ')}`
}
