import { type Clock, settledWithin } from '../../clock.js'
import type { ReadRow } from './columns.js'
import { failureOf, sqlState, told } from './failures.js'
import type { PgClient, PgPool } from './pool.js'
import { storableText } from './storable.js'

export type Value = string | number | readonly string[] | null

export interface QueryOptions {
  /** How long the answer is waited for. */
  readonly deadlineMs?: number
  /** By which the connection remembers how the statement is done. */
  readonly name?: string | undefined
}

/** One connection, for as long as it is held. */
export interface Connection {
  query(text: string, values?: readonly Value[], options?: QueryOptions): Promise<readonly ReadRow[]>
  /** Calls back when the database notifies of something, and when the connection breaks. */
  on(event: 'notification' | 'end', listener: () => void): void
  /** Gives it back to the pool. */
  release(): void
  /** Ends it. */
  end(): void
}

/** A database that is told statements, each by itself a transaction. */
export interface Statements {
  /** Says a statement that does no harm when it is said twice; once more where that can help. */
  query(text: string, values?: readonly Value[]): Promise<readonly ReadRow[]>
  /** Says it once, and throws what `pg` throws. */
  queryOnce(text: string, values?: readonly Value[]): Promise<readonly ReadRow[]>
  pause(ms: number): Promise<void>
}

export interface Database extends Statements {
  connect(): Promise<Connection>
}

export interface DatabaseOptions {
  readonly pool: PgPool
  readonly clock: Clock
  /** How long the answer to a statement, and a connection, are waited for; longer than the database's own limits. */
  readonly deadlineMs: number
  /** Names of statements that are said again and again, by their texts: those that are best done in the same way whatever their values are. */
  readonly prepared: ReadonlyMap<string, string>
}

/** Pauses before a statement is said again: a connection that was idle while the database restarted is noticed only by using it. */
export const RETRY_PAUSES_MS: readonly number[] = [0, 100, 400]

const AS_TEXT = { getTypeParser: () => (value: string) => value }

/** What is answered where a pooler gives each statement to another connection: one that knows no such name, or knows it already. */
const NAMES_ARE_LOST: ReadonlySet<unknown> = new Set(['26000', '42P05'])

export function createDatabase({ pool, clock, deadlineMs, prepared }: DatabaseOptions): Database {
  let keepsNames = true

  async function connect(): Promise<Connection> {
    const client = await withinDeadline(clock, deadlineMs, pool.connect(), (late) => late.release())
    return createConnection(client, clock, deadlineMs)
  }

  async function queryOnce(text: string, values?: readonly Value[]): Promise<readonly ReadRow[]> {
    const connection = await connect()
    const name = keepsNames ? prepared.get(text) : undefined
    try {
      return await connection.query(text, values, { name })
    } catch (error) {
      if (name === undefined || !NAMES_ARE_LOST.has(sqlState(error))) throw error
      keepsNames = false
      return await connection.query(text, values)
    } finally {
      connection.release()
    }
  }

  const pause = pauseBy(clock)
  return { connect, queryOnce, pause, query: retried(queryOnce, pause) }
}

/** A pause of somebody who waits for an answer. The clock's timers alone would let a process end that waits for nothing else, as a worker's may. */
export function pauseBy(clock: Clock): (ms: number) => Promise<void> {
  return (ms) =>
    new Promise((resolve) => {
      const staysAlive = setInterval(() => {}, 60_000)
      clock.setTimeout(() => {
        clearInterval(staysAlive)
        resolve()
      }, ms)
    })
}

/** Says a statement again where that can help. */
export function retried(queryOnce: Statements['queryOnce'], pause: Statements['pause']): Statements['query'] {
  return async (text, values) => {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await queryOnce(text, values)
      } catch (error) {
        const failure = failureOf(error)
        const pauseMs = RETRY_PAUSES_MS[attempt]
        if (pauseMs === undefined || (failure !== 'lost' && failure !== 'conflict')) throw told(error)
        await pause(pauseMs)
      }
    }
  }
}

function createConnection(client: PgClient, clock: Clock, defaultDeadlineMs: number): Connection {
  const listeners: (readonly ['notification' | 'end' | 'error', () => void])[] = []
  let isBroken = false
  function listen(event: 'notification' | 'end' | 'error', listener: () => void): void {
    client.on(event, listener)
    listeners.push([event, listener])
  }
  // An error that nobody listens to would end the process.
  listen('error', () => {
    isBroken = true
  })
  listen('end', () => {
    isBroken = true
  })

  return {
    async query(text, values = [], { deadlineMs = defaultDeadlineMs, name } = {}) {
      const asked = client.query({ text, values: values.map(storableValue), types: AS_TEXT, ...(name !== undefined && { name }) })
      try {
        return (await withinDeadline(clock, deadlineMs, asked)).rows
      } catch (error) {
        // Its next statement would be answered with what belongs to this one.
        if (failureOf(error) === 'lost') isBroken = true
        throw error
      }
    },
    on: listen,
    release: () => release(isBroken),
    end: () => release(true),
  }

  function release(isLast: boolean): void {
    for (const [event, listener] of listeners.splice(0)) client.off(event, listener)
    client.release(isLast)
  }
}

export function storableValue(value: Value): string | number | readonly string[] | null {
  if (typeof value === 'string') return storableText(value)
  return Array.isArray(value) ? value.map(storableText) : value
}

/** @param onLate is given what comes after the deadline */
export async function withinDeadline<T>(clock: Clock, ms: number, promise: Promise<T>, onLate: (value: T) => void = () => {}): Promise<T> {
  if (await settledWithin(clock, ms, promise)) return promise
  promise.then(onLate, () => {})
  throw new Error(`The database gave no answer within ${ms} ms.`)
}
