/** A query as `pg` takes it. */
export interface PgQuery {
  readonly name?: string
  readonly text: string
  readonly values?: unknown[]
  /** Overrides the parsers that the program has set for its own queries. */
  readonly types?: { getTypeParser(): (value: string) => string }
}

/** What is used of a client of `pg`. */
export interface PgClient {
  query(query: PgQuery): Promise<{ readonly rows: readonly Record<string, string | null>[] }>
  on(event: 'notification' | 'error' | 'end', listener: () => void): unknown
  off(event: 'notification' | 'error' | 'end', listener: () => void): unknown
  /** @param isBroken ends the connection rather than giving it back */
  release(isBroken?: boolean): void
}

/** What is used of `pg.Pool`; any that is like it will do. */
export interface PgPool {
  connect(): Promise<PgClient>
  end(): Promise<void>
  on(event: 'error', listener: (error: Error) => void): unknown
  off(event: 'error', listener: (error: Error) => void): unknown
  readonly options?: { readonly max?: number }
}
