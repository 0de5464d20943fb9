import { sanitizeText } from '@upload-panel/core/protocol'

/** Text that may be kept and sent: without control characters and half characters, bounded. */
export function cleanText(text: string, maxLength?: number): string {
  return sanitizeText(text, maxLength).toWellFormed()
}

/** The size of a value as JSON, in UTF-16 units; `undefined` where it cannot be written as JSON (a circle, a BigInt, too deep). */
export function jsonLength(value: unknown): number | undefined {
  try {
    return JSON.stringify(value)?.length ?? 0
  } catch {
    return undefined
  }
}
