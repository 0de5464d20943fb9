/** Most that one message may hold: its characters, and one for each of its values. */
export const MAX_MESSAGE_SIZE = 2 ** 20
/** Deepest nesting of a message. */
const MAX_DEPTH = 64
/** Longest text that is read at all: what is escaped takes six characters for one. */
const MAX_JSON_LENGTH = 4 * MAX_MESSAGE_SIZE

/** A JSON object: not null, not an array. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * The fields of a message, given as JSON text or as an object, which is not touched: a page may hand over anything, such as an object
 * whose fields throw or change while they are read. @throws Error that says what is wrong
 */
export function readMessage(raw: unknown): Record<string, unknown> {
  let message: unknown
  try {
    if (typeof raw === 'string') message = raw.length <= MAX_JSON_LENGTH ? JSON.parse(raw) : undefined
    else message = isRecord(raw) ? { ...raw } : raw
  } catch {
    throw new Error('not JSON')
  }
  if (!isRecord(message)) throw new Error(typeof raw === 'string' && raw.length > MAX_JSON_LENGTH ? 'too large' : 'not an object')
  if (!isBoundedJson(message)) throw new Error('too large, too deep, or not JSON')
  return message
}

/**
 * Whether a value is what JSON can say, and no more of it than a message may hold. What passes can be written as JSON again:
 * a thousand nested lists would end `JSON.stringify` in a stack overflow, and a transport that hands over objects may hand over circles.
 */
export function isBoundedJson(value: unknown): boolean {
  let left = MAX_MESSAGE_SIZE

  function fits(part: unknown, depth: number): boolean {
    left -= typeof part === 'string' ? part.length + 1 : 1
    if (left < 0 || depth > MAX_DEPTH) return false
    if (Array.isArray(part)) return part.every((entry) => fits(entry, depth + 1))
    if (isRecord(part)) {
      for (const key of Object.keys(part)) if ((left -= key.length) < 0 || !fits(part[key], depth + 1)) return false
      return true
    }
    // `undefined` is an absent field of an object that never was text.
    return part === null || part === undefined || typeof part === 'string' || typeof part === 'boolean' || typeof part === 'number'
  }

  try {
    return fits(value, 0)
  } catch {
    return false
  }
}
