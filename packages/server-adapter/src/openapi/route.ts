import type { RefusalCode } from './refusals.js'
import type { Schema } from './schema.js'

/** A parameter in the query or in a header. */
export interface Parameter {
  readonly name: string
  readonly in: 'query' | 'header'
  readonly description: string
  readonly required?: boolean
  /** May come several times. */
  readonly many?: boolean
}

export interface Answer {
  readonly description: string
  readonly content: Schema | 'events' | null
  /** Where there is nothing to tell. */
  readonly mayBeEmpty?: boolean
}

/** One route, as the document has it. */
export interface RouteDescription {
  readonly method: 'get' | 'post' | 'put' | 'head' | 'patch' | 'delete'
  /** Names that stand in braces are text of one segment. */
  readonly path: string
  /** Of the generated client's function. */
  readonly operationId: string
  readonly summary: string
  readonly tag: 'uploads' | 'status' | 'storage' | 'webhooks' | 'server'
  /** Who may: whom `authorize` knows, or everyone, since the request proves itself or says nothing that is secret. */
  readonly access: 'authorized' | 'public'
  readonly parameters?: readonly Parameter[]
  /** A JSON object, or bytes of whatever kind. */
  readonly body?: Schema | 'bytes'
  /** What is answered where it goes well, by status; `null` for nothing. */
  readonly answers: Readonly<Record<number, Answer>>
  /** Beside what every route may refuse. */
  readonly refusals: readonly RefusalCode[]
}
