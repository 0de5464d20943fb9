/** Most that one message may hold: its characters, and one for each of its values. */
export const MAX_MESSAGE_SIZE = 2 ** 20
/** Deepest nesting of a message. */
const MAX_DEPTH = 64

/** A JSON object: not null, not an array. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
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
    if (isRecord(part)) return Object.entries(part).every(([key, entry]) => (left -= key.length) >= 0 && fits(entry, depth + 1))
    // `undefined` is an absent field of an object that never was text.
    return part === null || part === undefined || typeof part === 'string' || typeof part === 'boolean' || typeof part === 'number'
  }

  return fits(value, 0)
}
