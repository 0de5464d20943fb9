/** As JSON writes them. An escaped backslash before the `u` is found as well, which costs a look and changes nothing. */
const MAY_BE_REFUSED = /\\u(0000|d[89a-f])/

/** A text without what PostgreSQL refuses in any text: NUL, and halves of characters. U+FFFD takes their place. */
export function storableText(text: string): string {
  return text.replaceAll('\0', '\uFFFD').toWellFormed()
}

/** A value whose texts and names can all be kept. @param json the value as JSON */
export function storable<T>(value: T, json: string): T {
  return MAY_BE_REFUSED.test(json) ? (replaced(value) as T) : value
}

function replaced(value: unknown): unknown {
  if (typeof value === 'string') return storableText(value)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(replaced)
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [storableText(name), replaced(inner)]))
}
