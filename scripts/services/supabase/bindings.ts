import { createHash } from 'node:crypto'
import { asObject, asText, type JsonObject, sortedJson } from './json.ts'

export interface Filter {
  readonly column: string
  readonly operator: string
  readonly value: string
  readonly isNegated: boolean
}

/** What a client asks for in `postgres_changes`. */
export interface Binding {
  readonly id: number
  /** As the client wrote it: the reply to the join repeats it. */
  readonly raw: JsonObject
  readonly event: string
  readonly schema: string
  readonly table: string
  readonly filters: readonly Filter[]
  readonly select: readonly string[] | undefined
}

/** Operators of filters, as SQL has them. */
export const OPERATORS: Readonly<Record<string, string>> = {
  eq: '=',
  neq: '!=',
  lt: '<',
  lte: '<=',
  gt: '>',
  gte: '>=',
  in: '= any',
  like: 'like',
  ilike: 'ilike',
  match: '~',
  imatch: '~*',
}

const EVENTS: readonly string[] = ['INSERT', 'UPDATE', 'DELETE']

/** Why a channel's changes will not come: the text of the `system` message. */
export interface BindingProblem {
  readonly message: string
}

/** The same for the same parameters, on every connection and in every run. */
export function bindingId(raw: JsonObject): number {
  return createHash('sha256').update(sortedJson(raw)).digest().readUInt32BE() % 2 ** 27
}

export function readBinding(value: unknown): Binding | BindingProblem {
  const raw = asObject(value)
  const schema = asText(raw['schema'])
  const table = asText(raw['table'])
  if (schema === undefined && table === undefined) {
    const message = `No subscription params provided. Please provide at least a \`schema\` or \`table\` to subscribe to: ${inspectMap(raw)}`
    return { message }
  }
  const event = asText(raw['event']) ?? '*'
  const filters = readFilters(asText(raw['filter']) ?? '')
  if ('message' in filters) return filters
  return {
    id: bindingId(raw),
    raw,
    event: EVENTS.includes(event) ? event : '*',
    schema: schema ?? 'public',
    table: table ?? '*',
    filters,
    select: Array.isArray(raw['select']) ? raw['select'].filter((column) => typeof column === 'string') : undefined,
  }
}

/** `status=in.(a,b),size=gt.10`: all of them must hold. A comma within parentheses or quotes is a part of the value. */
function readFilters(text: string): readonly Filter[] | BindingProblem {
  const filters: Filter[] = []
  for (const part of text.match(/(?:"(?:\\.|[^"])*"|\([^)]*\)|[^,])+/g) ?? []) {
    const [, column = '', negation, operator = '', value = ''] = /^([^=]*)=(not\.)?([^.]*)\.?(.*)$/s.exec(part) ?? []
    if (!(operator in OPERATORS)) return { message: `Error parsing \`filter\` params: ${inspectList([operator, value])}` }
    filters.push({ column, operator, value: operator === 'in' ? arrayOf(value) : unquote(value), isNegated: negation !== undefined })
  }
  return filters
}

/** `(a,b)` as PostgreSQL writes an array. */
const arrayOf = (value: string) => value.replace(/^\(/, '{').replace(/\)$/, '}')

const unquote = (value: string) => (/^".*"$/s.test(value) ? value.slice(1, -1).replaceAll(/\\(.)/g, '$1') : value)

/** A binding as the server's messages show it, which are written in Elixir. */
export function inspectBinding({ event, schema, table, filters, select }: Binding): string {
  const shown = filters.map(({ column, operator, value, isNegated }) => {
    return `{${[column, operator, value].map((field) => JSON.stringify(field)).join(', ')}, ${isNegated}}`
  })
  return `[event: ${event}, schema: ${schema}, table: ${table}, filters: [${shown.join(', ')}], select: ${select ? inspectList(select) : 'nil'}]`
}

const inspectList = (list: readonly string[]) => `[${list.map((field) => JSON.stringify(field)).join(', ')}]`

const inspectMap = (map: JsonObject) =>
  `%{${Object.entries(map)
    .map(([key, value]) => `${JSON.stringify(key)} => ${JSON.stringify(value)}`)
    .join(', ')}}`
