import { Pool, type PoolClient } from 'pg'
import type { Claims } from './tokens.ts'

/** The database for questions; changes come by another way. */
export interface Database {
  /** @throws what PostgreSQL says */
  query(sql: string, values?: readonly unknown[]): Promise<readonly (readonly unknown[])[]>
  /** Whether it can be reached. */
  answers(): Promise<boolean>
  /** A transaction that leaves nothing behind. */
  rehearse<Result>(steps: (client: PoolClient) => Promise<Result>): Promise<Result>
}

export function openDatabase(url: string): Database {
  const pool = new Pool({ connectionString: url, max: 4, connectionTimeoutMillis: 2000 })
  // Whoever uses the connection hears of its end by itself.
  pool.on('error', () => {})
  return {
    async query(sql, values = []) {
      const { rows } = await pool.query<unknown[]>({ text: sql, values: [...values], rowMode: 'array' })
      return rows
    },
    answers: () =>
      pool.query('select 1').then(
        () => true,
        () => false,
      ),
    async rehearse(steps) {
      const client = await pool.connect()
      let problem: Error | undefined
      try {
        await client.query('begin')
        const result = await steps(client)
        await client.query('rollback')
        return result
      } catch (error) {
        problem = error instanceof Error ? error : new Error(String(error))
        throw error
      } finally {
        // A connection whose transaction has failed is not used again.
        client.release(problem)
      }
    },
  }
}

/** From now on until the transaction's end this is the subscriber who asks. */
export async function actAs(client: PoolClient, claims: Claims, topic = ''): Promise<void> {
  await client.query(
    `select set_config('role', $1, true), set_config('request.jwt.claims', $2, true), set_config('realtime.topic', $3, true)`,
    [claims.role, JSON.stringify(claims), topic],
  )
}
