import { isRecord } from '@upload-panel/core/protocol'
import type { Clock } from '../clock.js'
import { Refusal } from '../errors.js'
import { receiveBody } from '../receive-body.js'
import type { Rooms } from './rooms.js'

/** Reads the JSON object that a command or a query carries. Refuses another content type (415), too much (413) and what is no object (400). */
export async function readJson(request: Request, { limits, clock }: Pick<Rooms, 'limits' | 'clock'>): Promise<Record<string, unknown>> {
  const type = request.headers.get('content-type') ?? ''
  // A form of another site can send text, but not this type: browsers ask the server first.
  if (type.split(';', 1)[0]?.trim().toLowerCase() !== 'application/json') {
    throw new Refusal(415, 'json_required', 'Send the content type application/json.')
  }
  const text = (await readBytes(request, limits.maxBodyBytes, clock)).toString('utf8')
  if (text === '') return {}
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new Refusal(400, 'invalid_json', 'The body is not JSON.')
  }
  if (!isRecord(value)) throw new Refusal(400, 'invalid_json', 'The body must be a JSON object.')
  return value
}

/** Reads a body as it is. Refuses too much (413). */
export async function readBytes(request: Request, maxBytes: number, clock: Clock): Promise<Buffer> {
  const tooLarge = () => new Refusal(413, 'body_too_large', `A body may have ${maxBytes} bytes.`)
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge()
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of receiveBody(request.body, clock, request.signal)) {
    bytes += chunk.byteLength
    if (bytes > maxBytes) throw tooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
