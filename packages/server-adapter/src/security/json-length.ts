/** The size of a value as JSON, in UTF-16 units; `undefined` where it cannot be written as JSON (a circle, a BigInt, too deep). */
export function jsonLength(value: unknown): number | undefined {
  try {
    return JSON.stringify(value)?.length ?? 0
  } catch {
    return undefined
  }
}
