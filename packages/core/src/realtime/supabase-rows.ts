import { atom, type ReadableAtom } from 'nanostores'
import { browserEnvironment, type Environment } from '../environment.js'
import { toUploadError, UploadError } from '../errors.js'
import { createOptimisticCollection, type OptimisticCollection, type RemoteChange } from '../optimistic/optimistic-collection.js'
import { isRecord } from '../protocol/index.js'
import { createReconnect } from './reconnect.js'
import { filterValue } from './supabase-changes.js'
import { oneConnection, type SupabaseClient } from './supabase-client.js'
import type { SupabaseChanges } from './supabase-lines.js'
import { supabaseOver } from './supabase-transport.js'
import { type ConnectionStatus, NOT_CONNECTED, type RealtimeTransport } from './transport.js'

/** Values that columns must have; the first one is asked of the server, which takes no more than one for changes. */
export type RowFilter = Readonly<Record<string, string | number | boolean>>

/** A client of supabase-js 2. */
export interface RowsClient extends SupabaseClient {
  from(table: string): unknown
}

/** What `followRows` takes. */
export interface FollowRowsOptions<T extends object> {
  readonly client: RowsClient
  readonly table: string
  /** @default all rows that the user may see */
  readonly filter?: RowFilter | undefined
  /** @default 'public' */
  readonly schema?: string | undefined
  /**
   * Asks for all rows that there are, such as by another client or in another order.
   * @default `client.from(table).select()` with the filter; in pages by `id` where the server gives no more rows at once
   */
  readonly load?: ((signal: AbortSignal) => PromiseLike<readonly T[]>) | undefined
  /** The id of a row. @default its `id` */
  readonly key?: ((row: Partial<T>) => string | number | undefined) | undefined
  /** What tells which of two states of a row is newer: a number or a time. @default its `version`, else its `updated_at` */
  readonly version?: ((row: Partial<T>) => string | number | null | undefined) | undefined
  readonly environment?: Partial<Environment> | undefined
}

/** Rows of a table as they are now. */
export interface FollowedRows<T extends object> {
  /** Rows that were known stay while the connection is away. Takes optimistic changes. */
  readonly collection: OptimisticCollection<T>
  readonly $connection: ReadableAtom<ConnectionStatus>
  /** Why what is shown may be old; `undefined` while it is not. */
  readonly $error: ReadableAtom<UploadError | undefined>
  /** Whether all rows have been here once. */
  readonly $isLoaded: ReadableAtom<boolean>
  /** Follows the table until the returned function is called; may begin again. */
  start(): () => void
  /** Tries at once, and asks for all rows again. */
  refresh(): void
}

/**
 * The rows of a table of a Supabase project, kept true through lost connections: subscribed first, then asked for, and again after each gap, so that
 * what changed meanwhile is not missed. A row that an update takes out of the filter's first condition is heard of with the next question only.
 *
 * @example
 * const { collection, start } = followRows({ client, table: 'upload_jobs', filter: { owner: user.id } })
 */
export function followRows<T extends object>(options: FollowRowsOptions<T>): FollowedRows<T> {
  const { client, key, version } = options
  const environment: Environment = { ...browserEnvironment(), ...options.environment }
  const load = options.load ?? ((signal: AbortSignal) => selectRows<T>(options, signal))
  const collection = createOptimisticCollection<T>({
    ...(key !== undefined && { key }),
    ...(version !== undefined && { version }),
    nextFrame: environment.nextFrame,
  })
  const $connection = atom<ConnectionStatus>(NOT_CONNECTED)
  const $error = atom<UploadError | undefined>(undefined)
  const $isLoaded = atom(false)
  let transport: RealtimeTransport | undefined
  let asking = new AbortController()
  const again = createReconnect(environment, () => void ask())

  async function ask(): Promise<void> {
    asking.abort()
    again.cancel()
    asking = new AbortController()
    const { signal } = asking
    try {
      await collection.load(() => load(signal))
      if (signal.aborted) return
      again.opened()
      $error.set(undefined)
      $isLoaded.set(true)
    } catch (error) {
      if (signal.aborted) return
      $error.set(toUploadError(error, 'server'))
      again.failed()
    }
  }

  function start(): () => void {
    if (transport !== undefined) throw new UploadError('validation', 'These rows are followed already.')
    const lifetime = new AbortController()
    const own = supabaseOver({ changes: changesOf(options) }, (_, onHeartbeat) => oneConnection(client, onHeartbeat))({ environment })
    transport = own
    const stops = [
      own.$connection.subscribe((status) => $connection.set(status)),
      environment.onWake(() => own.wake()),
      own.subscribe(
        { kind: 'all' },
        {
          onMessage(change) {
            const remote = readChange<T>(change, options)
            if (remote !== undefined) collection.applyRemote(remote)
          },
          onSubscribed: () => void ask(),
          onRefused: (error) => $error.set(error),
        },
      ),
    ]
    // Rows are shown although their changes cannot be followed.
    void ask()
    return () => {
      if (lifetime.signal.aborted) return
      lifetime.abort()
      for (const stop of stops) stop()
      asking.abort()
      again.cancel()
      own.dispose()
      transport = undefined
      $connection.set(NOT_CONNECTED)
    }
  }

  return {
    collection,
    $connection,
    $error,
    $isLoaded,
    start,
    refresh() {
      if (transport === undefined) return
      transport.wake()
      void ask()
    },
  }
}

/** One channel, for all changes of the table's rows that the filter lets through, and for what is deleted. */
function changesOf({
  table,
  schema = 'public',
  filter = {},
}: Pick<FollowRowsOptions<object>, 'table' | 'schema' | 'filter'>): SupabaseChanges {
  const [first] = Object.entries(filter)
  const bindings = [{ event: '*', schema, table, ...(first && { filter: `${first[0]}=eq.${filterValue(String(first[1]))}` }) }]
  // Of a deleted row the server knows the key alone: a filter by another column lets none of them through.
  if (first) bindings.push({ event: 'DELETE', schema, table })
  return {
    decode: () => () => null,
    open: (fresh, lines) =>
      void lines.open(fresh, {
        completes: 'system',
        channelOf(realtime) {
          const channel = lines.channel(realtime)
          for (const binding of bindings) channel.on('postgres_changes', binding, (change) => lines.deliver({ kind: 'all' }, change))
          return channel
        },
      }),
  }
}

function readChange<T extends object>(change: unknown, { filter = {} }: FollowRowsOptions<T>): RemoteChange<T> | undefined {
  if (!isRecord(change)) return undefined
  const { eventType, new: fresh, old } = change
  if (eventType === 'DELETE') return isRecord(old) ? { eventType, old: old as Partial<T> } : undefined
  if ((eventType !== 'INSERT' && eventType !== 'UPDATE') || !isRecord(fresh)) return undefined
  // As the server compares them: a number may come out of an address as text.
  const isOurs = Object.entries(filter).every(([column, value]) => !(column in fresh) || String(fresh[column]) === String(value))
  // An update that takes a row out of the filter takes it out of the list.
  return isOurs ? { eventType, new: fresh as T } : { eventType: 'DELETE', old: fresh as Partial<T> }
}

interface Answer {
  readonly data: unknown
  /** Of all rows that were asked for; `null` where the server does not tell. */
  readonly count: number | null
  readonly error: { readonly message: string; readonly code?: string } | null
}

/** The part of a query of supabase-js that is used; their own types are too deep to be asked for. */
interface Query extends PromiseLike<Answer> {
  select(columns: '*', options: { readonly count: 'exact' }): Query
  eq(column: string, value: unknown): Query
  gt(column: string, value: unknown): Query
  order(column: string): Query
  abortSignal(signal: AbortSignal): Query
}

interface Page<T> {
  readonly rows: readonly T[]
  /** The server has more: it gives so many at once (a thousand, unless it is told otherwise) and says nothing of the others. */
  readonly isPart: boolean
}

async function selectRows<T extends object>(
  { client, table, filter = {}, key }: FollowRowsOptions<T>,
  signal: AbortSignal,
): Promise<readonly T[]> {
  async function ask(narrow = (query: Query) => query): Promise<Page<T>> {
    let query = (client.from(table) as Query).select('*', { count: 'exact' }).abortSignal(signal)
    for (const [column, value] of Object.entries(filter)) query = query.eq(column, value)
    const { data, count, error } = await narrow(query)
    if (error !== null) throw new UploadError('remote_error', error.message, { retryable: true, remoteCode: error.code })
    const rows = data as readonly T[]
    return { rows, isPart: rows.length < (count ?? 0) }
  }

  let page = await ask()
  if (!page.isPart) return page.rows
  // Those that are missing would be taken for deleted.
  if (key !== undefined)
    throw new UploadError(
      'validation',
      `The server gives only ${page.rows.length} rows of ${table} at once. Ask for them in parts, by \`load\`.`,
    )
  const rows: T[] = []
  // After an id, not from a place: rows that come or go meanwhile move no page.
  do {
    const last = rows.at(-1) as { readonly id?: unknown } | undefined
    page = await ask((query) => (last === undefined ? query : query.gt('id', last.id)).order('id'))
    rows.push(...page.rows)
  } while (page.isPart && page.rows.length > 0)
  return rows
}
