import { sanitizeText } from '@upload-panel/core/protocol'

const LONE_SURROGATE = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g

/** Whether a text survives UTF-8, and so a database, unchanged. */
export function isWellFormed(text: string): boolean {
  return text.search(LONE_SURROGATE) === -1
}

/** Text that may be kept and sent: without control characters and half characters, bounded. */
export function cleanText(text: string, maxLength?: number): string {
  return sanitizeText(text, maxLength).replace(LONE_SURROGATE, '\uFFFD')
}

/** The size of a value as JSON, in UTF-16 units; `undefined` where it cannot be written as JSON (a circle, a BigInt, too deep). */
export function jsonLength(value: unknown): number | undefined {
  try {
    return JSON.stringify(value)?.length ?? 0
  } catch {
    return undefined
  }
}
