import { escapeIdentifier, escapeLiteral } from 'pg'
import { type Filter, OPERATORS } from './bindings.ts'
import type { Database } from './database.ts'
import type { Change } from './follow.ts'
import { asText } from './json.ts'
import type { Relation, Tuple } from './pgoutput.ts'
import type { Claims } from './tokens.ts'

/** One subscription's part in a change. */
export interface Viewer {
  readonly claims: Claims
  readonly filters: readonly Filter[]
  readonly select: readonly string[] | undefined
}

interface TableColumn {
  readonly name: string
  readonly type: string
  readonly typeName: string
  readonly isPrimaryKey: boolean
}

interface Table {
  readonly columns: readonly TableColumn[]
  readonly hasRowSecurity: boolean
  /** By role. */
  readonly selectable: ReadonlyMap<string, ReadonlySet<string>>
}

/** A value twice: as the text that came, and as JSON that PostgreSQL made of it. */
interface Field {
  readonly text: string | null
  readonly json: string
}

type Row = ReadonlyMap<string, Field>

const MAX_BYTES = 1024 * 1024
/** What a row that is too large still shows. */
const SMALL_BYTES = 64

/** Tables as they are while some changes are told, by what they are asked for. */
export type KnownTables = Map<string, Promise<Table | undefined>>

/**
 * What each viewer is told of a change: the JSON of the message's `data`, or undefined for nothing at all. Row level security is asked as the
 * viewer, and of the table as it is now, not as it was when the row was written.
 */
export async function viewChange(
  database: Database,
  tables: KnownTables,
  change: Change,
  viewers: readonly Viewer[],
): Promise<readonly (string | undefined)[]> {
  const roles = [...new Set(viewers.map(({ claims }) => claims.role))]
  const known = `${change.table.id} ${roles.join()}`
  const table = await getOrMake(tables, known, () => describeTable(database, change.table.id, roles))
  if (table === undefined) return viewers.map(() => undefined)
  const identity = (change.oldRow ?? change.row).map((value, place) => (change.table.columns[place]?.isKey ? value : undefined))
  const row = await readRow(database, table, change.table, change.row)
  const oldRow = change.type === 'INSERT' ? new Map<string, Field>() : await readRow(database, table, change.table, identity)
  const keys = table.columns.filter(({ isPrimaryKey }) => isPrimaryKey)

  const seen = new Map<string, Promise<boolean>>()
  const maySee = (claims: Claims) => getOrMake(seen, JSON.stringify(claims), () => isVisible(database, change.table, keys, row, claims))

  async function view({ claims, filters, select }: Viewer): Promise<string | undefined> {
    const selectable = table?.selectable.get(claims.role) ?? new Set()
    if (table === undefined) return undefined
    if (change.type !== 'DELETE') {
      if (keys.length === 0) return problemData(change, 'Error 400: Bad Request, no primary key')
      if (keys.some(({ name }) => !selectable.has(name))) return problemData(change, 'Error 401: Unauthorized')
    }
    if (!(await passes(database, table, change.type === 'DELETE' ? oldRow : row, filters))) return undefined
    if (change.type !== 'DELETE' && table.hasRowSecurity && !(await maySee(claims))) return undefined

    const bytes = change.row.reduce((sum, value) => sum + Buffer.byteLength(value ?? ''), 0)
    const isTooLarge = bytes > MAX_BYTES
    const shown = table.columns.filter(
      ({ name, isPrimaryKey }) => selectable.has(name) && (isPrimaryKey || (select?.includes(name) ?? true)),
    )
    const json = (from: Row, columns: readonly TableColumn[]) =>
      rowJson(
        columns.flatMap(({ name }) => {
          const value = from.get(name)
          return value === undefined || (isTooLarge && Buffer.byteLength(value.json) > SMALL_BYTES) ? [] : [{ name, json: value.json }]
        }),
      )
    // Nobody can say any more who may see a row that is gone.
    const shownOfOld = change.type === 'DELETE' && table.hasRowSecurity ? shown.filter(({ isPrimaryKey }) => isPrimaryKey) : shown
    return data(change, {
      columns: `[${shown.map(({ name, typeName }) => `{"name": ${JSON.stringify(name)}, "type": ${JSON.stringify(typeName)}}`).join(', ')}]`,
      commit_timestamp: JSON.stringify(change.committedAt.toISOString()),
      errors: isTooLarge ? '["Error 413: Payload Too Large"]' : 'null',
      ...(change.type !== 'INSERT' && { old_record: json(oldRow, shownOfOld) }),
      // With the whole old row at hand, a value that was not sent is known all the same.
      ...(change.type !== 'DELETE' && { record: json(new Map([...oldRow, ...row]), shown) }),
    })
  }
  return Promise.all(viewers.map(view))
}

function getOrMake<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
  const value = map.get(key) ?? make()
  map.set(key, value)
  return value
}

const problemData = (change: Change, problem: string) =>
  data(change, {
    columns: '[]',
    commit_timestamp: 'null',
    errors: JSON.stringify([problem]),
    ...(change.type === 'UPDATE' && { old_record: '{}' }),
    record: '{}',
  })

function data({ table, type }: Change, fields: Readonly<Record<string, string>>): string {
  const rest = { schema: JSON.stringify(table.schema), table: JSON.stringify(table.name), type: JSON.stringify(type) }
  const parts = Object.entries({ ...fields, ...rest }).map(([name, json]) => `"${name}":${json}`)
  return `{${parts.join(',')}}`
}

/** Written as PostgreSQL writes `jsonb`: short keys first. */
function rowJson(fields: readonly { readonly name: string; readonly json: string }[]): string {
  const sorted = fields
    .map(({ name, json }) => ({ key: Buffer.from(name), name, json }))
    .sort((a, b) => a.key.length - b.key.length || a.key.compare(b.key))
  return `{${sorted.map(({ name, json }) => `${JSON.stringify(name)}: ${json}`).join(', ')}}`
}

async function describeTable(database: Database, id: number, roles: readonly string[]): Promise<Table | undefined> {
  const rows = await database.query(
    `select c.relrowsecurity, a.attname, a.atttypid::regtype::text, t.typname, coalesce(a.attnum = any(p.conkey), false),
       array(select role from unnest($2::text[]) role where has_column_privilege(role, c.oid, a.attnum, 'SELECT'))
     from pg_class c
       join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
       join pg_type t on t.oid = a.atttypid
       left join pg_constraint p on p.conrelid = c.oid and p.contype = 'p'
     where c.oid = $1 order by a.attnum`,
    [id, roles],
  )
  if (rows.length === 0) return undefined
  const selectable = new Map(roles.map((role) => [role, new Set<string>()]))
  const columns = rows.map(([, name, type, typeName, isPrimaryKey, readers]) => {
    for (const role of Array.isArray(readers) ? readers : []) selectable.get(String(role))?.add(String(name))
    return { name: String(name), type: String(type), typeName: String(typeName), isPrimaryKey: isPrimaryKey === true }
  })
  return { columns, hasRowSecurity: rows[0]?.[0] === true, selectable }
}

async function readRow(database: Database, table: Table, relation: Relation, tuple: Tuple): Promise<Row> {
  const fields = relation.columns.flatMap(({ name }, place) => {
    const text = tuple[place]
    const column = table.columns.find((one) => one.name === name)
    return text === undefined || column === undefined ? [] : [{ name, column, text: sentText(column, text) }]
  })
  if (fields.length === 0) return new Map()
  const [values = []] = await database.query(
    `select ${fields.map(({ column }, place) => `to_jsonb($${place + 1}::text::${column.type === 'bytea' ? 'text' : column.type})::text`).join(', ')}`,
    fields.map(({ text }) => text),
  )
  return new Map(fields.map(({ name, text }, place) => [name, { text, json: asText(values[place]) ?? 'null' }]))
}

const NOT_FINITE: readonly (string | null)[] = ['NaN', 'Infinity', '-Infinity']
const NUMBERS: readonly string[] = ['float4', 'float8', 'numeric']

/** The server's decoder says hexadecimal bytes without their mark, and has no word for what is not a number. */
function sentText({ typeName }: TableColumn, text: string | null): string | null {
  if (typeName === 'bytea') return text?.replace(/^\\x/, '') ?? null
  return NUMBERS.includes(typeName) && NOT_FINITE.includes(text) ? null : text
}

async function passes(database: Database, table: Table, row: Row, filters: readonly Filter[]): Promise<boolean> {
  if (filters.length === 0) return true
  const values = filters.flatMap(({ column, value }) => [row.get(column)?.text ?? null, value])
  const conditions = filters.map(({ column, operator, isNegated }, place) => {
    const type = table.columns.find(({ name }) => name === column)?.type ?? 'text'
    const otherType = operator === 'in' ? `${type}[]` : type
    const condition = `$${2 * place + 1}::text::${type} ${OPERATORS[operator]} ($${2 * place + 2}::text::${otherType})`
    return isNegated ? `not (${condition})` : condition
  })
  const [result] = await database.query(`select ${conditions.join(' and ')}`, values)
  return result?.[0] === true
}

async function isVisible(
  database: Database,
  { schema, name }: Relation,
  keys: readonly TableColumn[],
  row: Row,
  claims: Claims,
): Promise<boolean> {
  const conditions = keys.map((key) => `${escapeIdentifier(key.name)} = ${escapeLiteral(row.get(key.name)?.text ?? '')}::${key.type}`)
  const table = `${escapeIdentifier(schema)}.${escapeIdentifier(name)}`
  const rows = await database.queryAs(claims, `select from ${table} where ${conditions.join(' and ')}`)
  return rows.length === 1
}
