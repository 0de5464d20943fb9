import type { NewOperation, OperationRecord } from '../operation-records.js'

type Kind = 'text' | 'number' | 'json' | 'time'

/** Fields of a word that have a column; all others are kept together in `more`. `version` is given by the database. */
const WORD = {
  operation_id: 'text',
  operation_type: 'text',
  status: 'text',
  progress: 'number',
  message: 'text',
  timestamp: 'time',
  performance_data: 'json',
  job_id: 'text',
  client_ref: 'text',
  attempt: 'number',
  position: 'number',
  stage: 'text',
  file: 'json',
  total_items: 'number',
  processed_items: 'number',
  failed_items: 'number',
  triggered_by: 'text',
  source: 'text',
  result: 'json',
  error: 'json',
} as const satisfies Record<string, Kind>

const OWN = {
  more: 'json',
  subject: 'text',
  created_at: 'time',
  upload: 'json',
  key: 'text',
  applied_keys: 'json',
} as const satisfies Record<string, Kind>

const COLUMNS: readonly (readonly [name: string, kind: Kind])[] = Object.entries({ ...WORD, ...OWN })
const WORD_COLUMNS: readonly (readonly [name: string, kind: Kind])[] = Object.entries(WORD)
const IN_WORD: ReadonlySet<string> = new Set([...Object.keys(WORD), 'version'])

/** A row as the database is given it: texts and numbers. What is JSON there is text here. */
export type WrittenRow = Readonly<Record<string, string | number | null>>
/** A row as the database answers it. Everything is text, whatever parsers the program has set for its own queries. */
export type ReadRow = Readonly<Record<string, string | null>>

const quoted = (name: string) => `"${name}"`

/** The columns of a record, of the table `o`. */
export const SELECTED = ['version', ...COLUMNS.map(([name]) => name)].map(selectedOf).join(', ')

/** What `json_to_recordset` has to know of a {@link WrittenRow}. */
export const GIVEN = COLUMNS.map(
  ([name, kind]) => `${quoted(name)} ${kind === 'number' || kind === 'time' ? 'double precision' : 'text'}`,
).join(', ')

export const NAMES = COLUMNS.map(([name]) => quoted(name)).join(', ')

/** Values of the columns {@link NAMES} out of a {@link WrittenRow} `i`, whose place after `step.base` is its version. */
export const VALUES = COLUMNS.map(([name, kind]) =>
  name === 'position' ? `coalesce(i."position", step.base + i.place)` : valueOf(name, kind),
).join(', ')

function valueOf(name: string, kind: Kind): string {
  const column = `i.${quoted(name)}`
  if (kind === 'json') return `${column}::jsonb`
  return kind === 'time' ? `to_timestamp(${column} / 1000)` : column
}

function selectedOf(name: string): string {
  const column = `o.${quoted(name)}`
  const kind = kindOf(name)
  if (kind === 'time') return `(extract(epoch FROM ${column}) * 1000)::bigint AS ${quoted(name)}`
  return kind === 'json' ? `${column}::text AS ${quoted(name)}` : column
}

function kindOf(name: string): Kind | undefined {
  return COLUMNS.find(([column]) => column === name)?.[1]
}

export function toRow({ subject, createdAtMs, word, upload, key, appliedKeys }: NewOperation): WrittenRow {
  const fields: Readonly<Record<string, unknown>> = { ...word }
  const more = Object.entries(fields).filter(([name, value]) => !IN_WORD.has(name) && value !== undefined)
  return {
    ...Object.fromEntries(WORD_COLUMNS.map(([name, kind]) => [name, written(fields[name], kind)])),
    more: more.length === 0 ? null : JSON.stringify(Object.fromEntries(more)),
    subject,
    created_at: createdAtMs,
    upload: written(upload, 'json'),
    key: key ?? null,
    applied_keys: written(appliedKeys, 'json'),
  }
}

function written(value: unknown, kind: Kind): string | number | null {
  if (value === undefined) return null
  if (kind === 'json') return JSON.stringify(value) ?? null
  if (typeof value === 'string') return kind === 'time' ? Date.parse(value) : value
  return typeof value === 'number' ? value : null
}

export function toRecord(row: ReadRow): OperationRecord {
  const { more, upload, key, applied_keys: appliedKeys } = row
  const fields = WORD_COLUMNS.flatMap(([name, kind]) => {
    const value = row[name]
    return value === null || value === undefined ? [] : [[name, read(value, kind)] as const]
  })
  return {
    subject: String(row['subject']),
    createdAtMs: Number(row['created_at']),
    word: { ...Object.fromEntries(fields), ...parse<object>(more), version: Number(row['version']) } as OperationRecord['word'],
    ...(typeof upload === 'string' && { upload: JSON.parse(upload) as NonNullable<OperationRecord['upload']> }),
    ...(typeof key === 'string' && { key }),
    ...(typeof appliedKeys === 'string' && { appliedKeys: JSON.parse(appliedKeys) as readonly string[] }),
  }
}

function read(value: string, kind: Kind): unknown {
  if (kind === 'json') return JSON.parse(value)
  if (kind === 'number') return Number(value)
  return kind === 'time' ? new Date(Number(value)).toISOString() : value
}

function parse<T>(text: string | null | undefined): T | undefined {
  return typeof text === 'string' ? (JSON.parse(text) as T) : undefined
}
