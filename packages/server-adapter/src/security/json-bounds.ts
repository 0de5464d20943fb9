/** How much JSON text may hold. */
export interface JsonBounds {
  readonly depth: number
  /** Fields and entries together. */
  readonly values: number
}

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c]
const OPENING: ReadonlySet<number> = new Set([0x5b, 0x7b])
const CLOSING: ReadonlySet<number> = new Set([0x5d, 0x7d])

/** Whether JSON text is within bounds: told before it is parsed, since a million lists in each other take a hundred times the memory of their text. */
export function isBoundedText(text: string, { depth: mostDepth, values: mostValues }: JsonBounds): boolean {
  let depth = 0
  let values = 1
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    if (code === QUOTE) index = endOfString(text, index)
    else if (code === COMMA) values += 1
    else if (OPENING.has(code)) depth += 1
    else if (CLOSING.has(code)) depth -= 1
    if (depth > mostDepth || values > mostValues) return false
  }
  return true
}

/** Where a string ends that begins at an index. */
function endOfString(text: string, start: number): number {
  for (let index = start + 1; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    if (code === BACKSLASH) index += 1
    else if (code === QUOTE) return index
  }
  return text.length
}

/**
 * The value of JSON text. @throws where it is none, or names `__proto__`: a field of that name changes the kind of every object that it is ever
 * copied into by assignment.
 */
export function parseJson(text: string): unknown {
  // Only with an escape may the name be written in another way.
  const isPlain = !text.includes('__proto__') && !text.includes('\\u')
  return isPlain ? JSON.parse(text) : JSON.parse(text, refusePrototype)
}

function refusePrototype(key: string, value: unknown): unknown {
  if (key === '__proto__') throw new SyntaxError('A field is named __proto__.')
  return value
}
