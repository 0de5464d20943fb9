/** Longest plain text kept from the wire, in UTF-16 units. Longer text is cut, never refused: a long message is no reason to lose a status. */
export const MAX_TEXT_LENGTH = 2000
/** Longest identifier accepted from the wire. An identifier is never cut: a shortened id would name another thing. */
export const MAX_ID_LENGTH = 200

// C0 and C1 controls but tab and newline, and the invisible characters that reorder or hide text (bidi overrides and isolates).
const CONTROL_CHARACTERS = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069\uFEFF]/g

/**
 * Makes text from the wire safe to show as text: control characters removed, length bounded.
 * Rule 6: "every other string is text: never markup, bounded, control characters removed by the sender and again by the receiver".
 */
export function sanitizeText(text: string, maxLength: number = MAX_TEXT_LENGTH): string {
  const clean = text.replace(CONTROL_CHARACTERS, '')
  if (clean.length <= maxLength) return clean
  // Do not cut a surrogate pair in half: the rest would be an unpaired surrogate that JSON and URLs choke on.
  const last = clean.charCodeAt(maxLength - 1)
  return clean.slice(0, last >= 0xd800 && last <= 0xdbff ? maxLength - 1 : maxLength)
}
