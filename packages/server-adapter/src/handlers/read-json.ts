import { isRecord } from '@upload-panel/core/protocol'
import type { Clock } from '../clock.js'
import { Refusal } from '../errors.js'
import { receiveBody } from '../receive-body.js'
import { isBoundedText, parseJson } from '../security/json-bounds.js'
import type { Rooms } from './rooms.js'

const UTF_8 = new TextDecoder('utf-8', { fatal: true })
const JSON_TYPE = /^application\/json\s*(;\s*charset="?utf-8"?\s*)?;?$/i

/** Reads the JSON object that a command or a query carries. Refuses another content type (415), too much (413) and what is no object (400). */
export async function readJson(request: Request, { limits, clock }: Pick<Rooms, 'limits' | 'clock'>): Promise<Record<string, unknown>> {
  const { headers } = request
  // A form of another site can send text, but not this type: browsers ask the server first.
  if (!JSON_TYPE.test(headers.get('content-type')?.trim() ?? '') || (headers.get('content-encoding') ?? 'identity') !== 'identity') {
    throw new Refusal(415, 'json_required', 'Send the content type application/json, in UTF-8 and not compressed.')
  }
  const bytes = await readBytes(request, limits.maxBodyBytes, clock)
  if (bytes.length === 0) return {}
  const value = parse(bytes, limits)
  if (!isRecord(value)) throw new Refusal(400, 'invalid_json', 'The body must be a JSON object.')
  return value
}

function parse(bytes: Uint8Array, { maxBodyDepth, maxBodyValues }: Rooms['limits']): unknown {
  let text: string
  try {
    text = UTF_8.decode(bytes)
  } catch {
    throw new Refusal(400, 'invalid_json', 'The body is not UTF-8.')
  }
  if (!isBoundedText(text, { depth: maxBodyDepth, values: maxBodyValues })) {
    throw new Refusal(413, 'body_too_large', `A body may have ${maxBodyValues} fields and entries, nested ${maxBodyDepth} deep.`)
  }
  try {
    return parseJson(text)
  } catch {
    throw new Refusal(400, 'invalid_json', 'The body is not JSON.')
  }
}

/** How long a body of two mebibytes may take on a slow line, milliseconds. One that comes by the byte would hold its connection for ever. */
const MAX_BODY_MS = 5 * 60_000
const FIRST_BYTES = 16_384

/** Reads a body as it is. Refuses too much (413), and what takes too long (408). */
export async function readBytes(request: Request, maxBytes: number, clock: Clock): Promise<Buffer> {
  const tooLarge = () => new Refusal(413, 'body_too_large', `A body may have ${maxBytes} bytes.`)
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge()
  const startedMs = clock.now()
  // Copied, and not kept in pieces: a piece of one byte takes a hundred times as much.
  let buffer = Buffer.alloc(Math.min(maxBytes, FIRST_BYTES))
  let bytes = 0
  for await (const chunk of receiveBody(request.body, clock, request.signal)) {
    if (bytes + chunk.byteLength > maxBytes) throw tooLarge()
    if (clock.now() - startedMs > MAX_BODY_MS)
      throw new Refusal(408, 'stalled', 'The body took more than five minutes.', { retryable: true })
    if (bytes + chunk.byteLength > buffer.length) {
      const larger = Buffer.alloc(Math.min(maxBytes, Math.max(2 * buffer.length, bytes + chunk.byteLength)))
      buffer.copy(larger, 0, 0, bytes)
      buffer = larger
    }
    buffer.set(chunk, bytes)
    bytes += chunk.byteLength
  }
  return buffer.subarray(0, bytes)
}
