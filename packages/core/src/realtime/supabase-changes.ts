import type { RowColumns, RowOptions } from '../protocol/index.js'
import type { Topic } from './transport.js'

/** The table whose rows are the operations. */
export interface SupabaseChanges extends RowOptions {
  /** @default 'sync_operations' */
  readonly table?: string
  /** @default 'public' */
  readonly schema?: string
  /** The columns that come along, besides those that are needed: large ones that nobody reads need not travel. @default all that the user may see */
  readonly select?: readonly string[]
}

/** What a channel asks for, and of which kind of topic. */
export interface ChangesBinding {
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

/** By which column rows are found. */
export function filterColumn(kind: 'job' | 'operation', { columns = {} }: { readonly columns?: RowColumns }): string {
  return kind === 'job' ? (columns.job_id ?? 'job_id') : (columns.operation_id ?? 'operation_id')
}

/** As few bindings as the topics need: each costs the database work with each row that changes. */
export function bindingsFor(topics: readonly Topic[], changes: SupabaseChanges): readonly ChangesBinding[] {
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
    for (const value of values) if (RESERVED.test(value)) add(`eq."${value.replace(/["\\]/g, '\\$&')}"`)
  }
  return bindings
}
