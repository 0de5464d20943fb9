import { createHash, timingSafeEqual } from 'node:crypto'
import { isBoundedJson, isRecord } from '@upload-panel/core/protocol'
import { Refusal } from '../errors.js'

/** One answer for whatever is wrong with a proof: who forges one is not told how far they came. */
export function notGenuine(): Refusal {
  return new Refusal(401, 'signature_invalid', 'The signature is missing, wrong or too old.')
}

/** Compares secrets in one time, whatever their lengths and however much of them is right. */
function isSameSecret(given: string, expected: string): boolean {
  return timingSafeEqual(digest(given), digest(expected))
}

/** Whether one of several secrets is the one: all are compared, so that time does not tell which. */
export function isAnyOf(given: string, expected: readonly string[]): boolean {
  return expected.map((one) => isSameSecret(given, one)).includes(true)
}

/** Whether a time in seconds, as a header has it, is within a window around now. */
export function isRecent(seconds: string | null, nowMs: number, windowMs: number): boolean {
  return seconds !== null && /^\d{1,12}$/.test(seconds) && Math.abs(nowMs - Number(seconds) * 1000) <= windowMs
}

/** The secrets that an option names, of which there must be one. */
export function readSecrets(who: string, given: string | readonly string[] | undefined): readonly string[] {
  const secrets = typeof given === 'string' ? [given] : (given ?? [])
  if (secrets.length === 0 || secrets.some((secret) => typeof secret !== 'string' || secret === ''))
    throw new TypeError(`${who} needs a secret that is not empty. Is the variable set from which it comes?`)
  return secrets
}

/** The JSON object of a request that is genuine. */
export function readObject(text: string): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new Refusal(400, 'invalid_json', 'The body is not JSON.')
  }
  if (!isRecord(value) || !isBoundedJson(value)) throw new Refusal(400, 'invalid_json', 'The body must be a JSON object, and not too deep.')
  return value
}

/** A name for a delivery that has none: its sender repeats it byte by byte. */
export function nameOf(body: Uint8Array): string {
  return createHash('sha256').update(body).digest('hex')
}

export function textOf(body: Uint8Array): string {
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8')
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
