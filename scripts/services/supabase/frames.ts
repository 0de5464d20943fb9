import { asText, isObject, type JsonObject, parseJson, sortedJson } from './json.ts'

/** Of the wire format: 1.0.0 has objects without `join_ref`, 2.0.0 has arrays, and broadcasts in binary frames. */
export type Version = '1.0.0' | '2.0.0'

export interface Message {
  readonly joinRef: string | null
  readonly ref: string | null
  readonly topic: string
  readonly event: string
  readonly payload: unknown
}

/** What one client says to all, as it goes on the wire again. */
export type Broadcast =
  /** As it came in a text frame: event, payload and type. */
  | { readonly kind: 'text'; readonly payload: JsonObject }
  | { readonly kind: 'binary'; readonly event: string; readonly meta: string; readonly isJson: boolean; readonly body: Buffer }

const PUSH = 3
const BROADCAST = 4
const JSON_ENCODING = 1

/** Undefined for what the server ignores without a word. */
export function decodeText(version: Version, text: string): Message | undefined {
  const raw = parseJson(text)
  if (version === '2.0.0') {
    if (!Array.isArray(raw) || raw.length !== 5) return undefined
    const [joinRef, ref, topic, event, payload]: readonly unknown[] = raw
    return message(joinRef, ref, topic, event, payload)
  }
  return isObject(raw) ? message(null, raw['ref'], raw['topic'], raw['event'], raw['payload']) : undefined
}

function message(joinRef: unknown, ref: unknown, topic: unknown, event: unknown, payload: unknown): Message | undefined {
  if (typeof topic !== 'string' || typeof event !== 'string') return undefined
  return { joinRef: asText(joinRef) ?? null, ref: asText(ref) ?? null, topic, event, payload }
}

/** A broadcast that a client pushes: `03`, five lengths, the encoding, then the fields themselves. */
export function decodeBinary(frame: Buffer): (Message & { readonly payload: Broadcast }) | undefined {
  if (frame.length < 7 || frame[0] !== PUSH) return undefined
  let offset = 7
  const fields = [1, 2, 3, 4, 5].map((place) => {
    const field = frame.subarray(offset, (offset += frame[place] ?? 0))
    return field.toString()
  })
  const [joinRef = '', ref = '', topic = '', event = '', meta = ''] = fields
  const payload: Broadcast = { kind: 'binary', event, meta, isJson: frame[6] === JSON_ENCODING, body: frame.subarray(offset) }
  return { joinRef: joinRef || null, ref: ref || null, topic, event: 'broadcast', payload }
}

/** @param payload already JSON: numbers of a row have more digits than JavaScript keeps */
export function encodeText(version: Version, { joinRef, ref, topic, event }: Omit<Message, 'payload'>, payload: string): string {
  const [r, t, e] = [ref, topic, event].map((field) => JSON.stringify(field))
  return version === '2.0.0'
    ? `[${JSON.stringify(joinRef)},${r},${t},${e},${payload}]`
    : `{"event":${e},"payload":${payload},"ref":${r},"topic":${t}}`
}

/** Undefined for bytes that the version has no place for. */
export function encodeBroadcast(version: Version, topic: string, broadcast: Broadcast): string | Buffer | undefined {
  const head = { joinRef: null, ref: null, topic, event: 'broadcast' }
  if (broadcast.kind === 'text') return encodeText(version, head, sortedJson(broadcast.payload))
  const { event, meta, isJson, body } = broadcast
  if (version === '1.0.0') {
    const rest = meta === '' ? '' : `"meta":${meta},`
    return isJson
      ? encodeText(version, head, `{"event":${JSON.stringify(event)},${rest}"payload":${body.toString()},"type":"broadcast"}`)
      : undefined
  }
  const fields = [topic, event, meta].map((field) => Buffer.from(field))
  return Buffer.concat([Buffer.from([BROADCAST, ...fields.map(({ length }) => length), isJson ? JSON_ENCODING : 0]), ...fields, body])
}
