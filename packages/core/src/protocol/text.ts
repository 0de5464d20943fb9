/** Longest plain text kept from the wire, in UTF-16 units. Longer text is cut, never refused: a long message is no reason to lose a status. */
export const MAX_TEXT_LENGTH = 2000
/** Longest identifier accepted from the wire. An identifier is never cut: a shortened id would name another thing. */
export const MAX_ID_LENGTH = 200

// C0 and C1 controls but tab and newline, and the invisible characters that reorder or hide text (bidi overrides and isolates).
const CONTROL_CHARACTERS = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069\uFEFF]/g
/** Halves of characters: URLs and databases choke on them, or turn them into something else. */
const LONE_SURROGATES = /\p{Surrogate}/gu

/** What most texts are made of: nothing in it has to be looked for. */
const PLAIN = /^[ -~]*$/

/**
 * Makes text from the wire safe to show as text: control characters removed, half characters replaced, length bounded.
 * Rule 6: "every other string is text: never markup, bounded, control characters removed by the sender and again by the receiver".
 */
export function sanitizeText(text: string, maxLength: number = MAX_TEXT_LENGTH): string {
  if (text.length <= maxLength && PLAIN.test(text)) return text
  const clean = text.replace(CONTROL_CHARACTERS, '').replace(LONE_SURROGATES, '\uFFFD')
  if (clean.length <= maxLength) return clean
  // Do not cut a surrogate pair in half.
  const last = clean.charCodeAt(maxLength - 1)
  return clean.slice(0, last >= 0xd800 && last <= 0xdbff ? maxLength - 1 : maxLength)
}

/** An identifier of the wire: a non-empty bounded string without control characters, tabs, line breaks or half characters. */
export function isId(value: unknown): value is string {
  if (typeof value !== 'string' || value.length === 0 || value.length > MAX_ID_LENGTH) return false
  return PLAIN.test(value) || (sanitizeText(value, MAX_ID_LENGTH) === value && !/[\t\n]/.test(value))
}
