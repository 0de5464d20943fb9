/** What tells which of two states of a row is newer. */
export type Version = string | number | null | undefined

/** Whether the first is known to be older. Where it cannot be told it is not. */
export function isOlder(a: Version, b: Version): boolean {
  if (a == null || b == null) return false
  const difference = toNumber(a) - toNumber(b)
  // Postgres writes microseconds without the zeros at their end, and two writes often share a millisecond: then the texts are compared.
  return difference ? difference < 0 : toText(a) < toText(b)
}

/** A number, also where a 64-bit one comes as text; or a time. */
const toNumber = (version: string | number) => (isNaN(+version) ? Date.parse(String(version)) : +version)

/** The sign of a zone comes before digits, as the end of a text does; a Z would come after. */
const toText = (version: string | number) => String(version).replace('Z', '+')
