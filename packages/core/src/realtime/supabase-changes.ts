import { isRecord, row, type RowColumns, type RowOptions } from '../protocol/index.js'
import type { SupabaseChannel } from './supabase-client.js'
import { type Followed, isFollowed, type Line, type SupabaseChanges, type SupabaseLines } from './supabase-lines.js'
import type { Topic } from './transport.js'

/** The table whose rows are the operations. */
export interface TableChangesOptions extends RowOptions {
  /** @default 'sync_operations' */
  readonly table?: string
  /** @default 'public' */
  readonly schema?: string
  /** The columns that come along, besides those by which rows are found: large ones that nobody reads need not travel. @default all that the user may see */
  readonly select?: readonly string[]
}

/** What a channel asks for, and of which kind of topic. */
interface ChangesBinding {
  readonly kind: Topic['kind']
  readonly filter: {
    readonly event: '*'
    readonly schema: string
    readonly table: string
    readonly filter?: string
    readonly select?: readonly string[]
  }
}

/** Most values of one `in` filter that the server takes. */
const MAX_VALUES = 100
/** What separates values and conditions in a filter. Servers of all versions read a value without these in the same way. */
const RESERVED = /[,()"\\]|^\s|\s$/

/**
 * Changes of the rows of a table, in place of broadcast.
 *
 * @example supabase({ client, changes: tableChanges({ table: 'uploads', columns: { operation_id: 'id', status: 'state' } }) })
 */
export function tableChanges(options: TableChangesOptions = {}): SupabaseChanges {
  /** One of their topics may be what the server refuses: they are left alone. */
  const suspects = new WeakSet<Line>()

  /** A line for what is new, and for what the absorbed ones hold: these stay until it is complete, so that nothing is missed between them. */
  function open(fresh: readonly Followed[], absorbed: readonly Line[], lines: SupabaseLines): Line {
    let replaced = absorbed
    const followed = [...new Set([...fresh, ...absorbed.flatMap((line) => line.followed.filter(isFollowed))])]
    const line = lines.open(followed, {
      completes: 'system',
      channelOf: (realtime) => bind(lines.channel(realtime), followed.filter(isFollowed), lines),
      onComplete() {
        const before = lines.held(replaced)
        for (const other of replaced) lines.close(other)
        replaced = []
        return before
      },
      onRefused({ message }) {
        // One value that cannot be compared with its column takes all other bindings of its channel with it.
        if (followed.length === 1 || !/Exception|parsing/.test(message)) return false
        lines.close(line)
        for (const some of replaced.length > 0 ? [fresh] : halves(followed)) if (some.some(isFollowed)) suspects.add(open(some, [], lines))
        return true
      },
    })
    return line
  }

  function bind(channel: SupabaseChannel, followed: readonly Followed[], { deliver }: SupabaseLines): SupabaseChannel {
    const topics = followed.map(({ topic }) => topic)
    for (const { kind, filter } of bindingsFor(topics, options)) {
      channel.on('postgres_changes', filter, (change) => {
        const isDeleted = change['eventType'] === 'DELETE'
        if (isDeleted && options.deleted === undefined) return
        if (kind === 'all') return deliver({ kind }, change)
        const changed = isDeleted ? change['old'] : change['new']
        const id = isRecord(changed) ? changed[filterColumn(kind, options)] : undefined
        if (typeof id === 'string' || typeof id === 'number') deliver({ kind, id: String(id) }, change)
        // A row that the server may not show has no columns, and its reason is for anybody.
        else if (topics[0] !== undefined) deliver(topics[0], change)
      })
    }
    return channel
  }

  return {
    decode: () => row(options),
    open(fresh, lines) {
      const sound = [...lines.all].filter((line) => !suspects.has(line))
      open(fresh, absorbable(sound, fresh.length), lines)
    },
  }
}

/**
 * Bindings cannot be added to a channel that is joined, so a channel that holds no more topics than the one that is to be made goes up in that one: as
 * with a counter's digits there are never more than a few, and no topic moves more often than that.
 */
function absorbable(lines: readonly Line[], most: number): readonly Line[] {
  let total = most
  const bySize = [...lines].sort((a, b) => a.followed.length - b.followed.length)
  return bySize.filter(({ followed: { length } }) => {
    if (length > total) return false
    total += length
    return true
  })
}

function halves<T>(list: readonly T[]): readonly (readonly T[])[] {
  const half = Math.ceil(list.length / 2)
  return [list.slice(0, half), list.slice(half)]
}

/** By which column rows are found. */
function filterColumn(kind: 'job' | 'operation', { columns = {} }: { readonly columns?: RowColumns }): string {
  return kind === 'job' ? (columns.job_id ?? 'job_id') : (columns.operation_id ?? 'operation_id')
}

/** As few bindings as the topics need: each costs the database work with each row that changes. */
function bindingsFor(topics: readonly Topic[], changes: TableChangesOptions): readonly ChangesBinding[] {
  const { schema = 'public', table = 'sync_operations', select } = changes
  const needed = [filterColumn('operation', changes), filterColumn('job', changes)]
  const base = { event: '*', schema, table, ...(select !== undefined && { select: [...new Set([...needed, ...select])] }) } as const
  const bindings: ChangesBinding[] = topics.some(({ kind }) => kind === 'all') ? [{ kind: 'all', filter: base }] : []
  for (const kind of ['job', 'operation'] as const) {
    const column = filterColumn(kind, changes)
    const values = topics.flatMap((topic) => (topic.kind === kind ? [topic.id] : []))
    const add = (condition: string) => bindings.push({ kind, filter: { ...base, filter: `${column}=${condition}` } })
    const plain = values.filter((value) => !RESERVED.test(value))
    for (let start = 0; start < plain.length; start += MAX_VALUES) {
      const some = plain.slice(start, start + MAX_VALUES)
      add(some.length === 1 ? `eq.${some[0]}` : `in.(${some.join(',')})`)
    }
    for (const value of values) if (RESERVED.test(value)) add(`eq.${filterValue(value)}`)
  }
  return bindings
}

/** A value as it stands in a filter. */
export function filterValue(value: string): string {
  return RESERVED.test(value) ? `"${value.replace(/["\\]/g, '\\$&')}"` : value
}
