import { DatabaseError } from 'pg'
import { type Binding, type BindingProblem, inspectBinding } from './bindings.ts'
import type { Database } from './database.ts'
import type { Change } from './follow.ts'
import type { Rate } from './rates.ts'
import { type KnownTables, type Viewer, viewChange } from './rows.ts'
import type { Claims } from './tokens.ts'

/** What one channel gets of the database. */
export interface Subscriber {
  readonly claims: Claims
  readonly bindings: readonly Binding[]
  /** @param data the change as JSON, and the bindings that it matches, last first */
  send(data: string, ids: readonly number[]): void
}

export interface Subscriptions {
  /** Undefined when its changes come from now on. One binding that is wrong keeps all of them from coming. */
  add(subscriber: Subscriber): Promise<BindingProblem | undefined>
  remove(subscriber: Subscriber): void
  tell(change: Change, tables: KnownTables): Promise<void>
}

export function createSubscriptions(database: Database, rate: Rate): Subscriptions {
  const subscribers = new Set<Subscriber>()

  return {
    async add(subscriber) {
      for (const binding of subscriber.bindings) {
        const problem = await bindingProblem(database, binding, subscriber.claims.role)
        if (problem !== undefined) return problem
      }
      subscribers.add(subscriber)
      return undefined
    },

    remove: (subscriber) => void subscribers.delete(subscriber),

    async tell(change, tables) {
      const { schema, name } = change.table
      const matches = [...subscribers].flatMap((subscriber) =>
        subscriber.bindings
          .filter((binding) => ['*', change.type].includes(binding.event))
          .filter((binding) => ['*', schema].includes(binding.schema) && ['*', name].includes(binding.table))
          .map((binding): Viewer & { readonly subscriber: Subscriber; readonly id: number } => ({
            ...binding,
            claims: subscriber.claims,
            subscriber,
          })),
      )
      if (matches.length === 0) return
      rate.count(matches.length)
      if (rate.isExceeded) return
      const views = await viewChange(database, tables, change, matches)
      for (const subscriber of new Set(matches.map((match) => match.subscriber))) {
        const ids = new Map<string, number[]>()
        for (const [place, match] of matches.entries()) {
          const view = views[place]
          if (match.subscriber === subscriber && view !== undefined) ids.set(view, [match.id, ...(ids.get(view) ?? [])])
        }
        for (const [view, matched] of ids) subscriber.send(view, matched)
      }
    },
  }
}

/** Names of the errors that a wrong filter brings about, as PostgreSQL's manual has them. */
const CONDITIONS: Readonly<Record<string, string>> = {
  P0001: 'raise_exception',
  '22P02': 'invalid_text_representation',
  '22003': 'numeric_value_out_of_range',
  '22007': 'invalid_datetime_format',
  '22008': 'datetime_field_overflow',
  '42704': 'undefined_object',
}

const RAISED = 'P0001'

async function bindingProblem(database: Database, binding: Binding, role: string): Promise<BindingProblem | undefined> {
  const refused = 'Unable to subscribe to changes with given parameters.'
  const exception = (code: string, text: string): BindingProblem => {
    const what = `ERROR ${code} (${CONDITIONS[code] ?? 'error'}) ${text}`
    return {
      message: `${refused} An exception happened so please check your connect parameters: ${inspectBinding(binding)}. Exception: ${what}`,
    }
  }

  async function check(): Promise<BindingProblem | undefined> {
    const columns = await database.query(
      `select a.attname, a.atttypid::regtype::text, has_column_privilege($3::text, a.attrelid, a.attnum, 'SELECT')
       from pg_publication_tables p
         join pg_attribute a on a.attrelid = format('%I.%I', p.schemaname, p.tablename)::regclass and a.attnum > 0 and not a.attisdropped
       where p.pubname = 'supabase_realtime' and $1::text in ('*', p.schemaname) and $2::text in ('*', p.tablename)`,
      [binding.schema, binding.table, role],
    )
    if (columns.length === 0) {
      const message = `${refused} Please check Realtime is enabled for the given connect parameters: ${inspectBinding(binding)}`
      return { message }
    }
    const isReadable = (column: string) => columns.some(([name, , isSelectable]) => name === column && isSelectable === true)
    for (const { column, operator, value } of binding.filters) {
      if (!isReadable(column)) return exception(RAISED, `invalid column for filter ${column}`)
      const type = `${String(columns.find(([name]) => name === column)?.[1])}${operator === 'in' ? '[]' : ''}`
      await database.query(`select $1::text::${type}`, [value])
    }
    const unknown = binding.select?.find((column) => !isReadable(column))
    return unknown === undefined ? undefined : exception(RAISED, `invalid column for select ${unknown}`)
  }

  try {
    return await check()
  } catch (error) {
    // Class 57: the database is going away, which is no matter of the binding.
    if (!(error instanceof DatabaseError) || error.code?.startsWith('57')) throw error
    return exception(error.code ?? '', error.message)
  }
}
