export type Direction = 'ltr' | 'rtl'

const RIGHT_TO_LEFT_LANGUAGES: ReadonlySet<string> = new Set(['ar', 'he', 'fa', 'ur', 'ps', 'sd', 'ug', 'yi', 'dv', 'ckb', 'ku'])
const RIGHT_TO_LEFT_LETTER = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}]/u
const known = new Map<string, Direction>()

/** How a language is written, by its tag: `Intl.Locale` tells it in some browsers only. */
export function directionOf(locale: string): Direction {
  const before = known.get(locale)
  if (before) return before
  const { language, script } = new Intl.Locale(locale)
  const isRightToLeft = script === 'Arab' || script === 'Hebr' || (script === undefined && RIGHT_TO_LEFT_LANGUAGES.has(language))
  const direction = isRightToLeft ? 'rtl' : 'ltr'
  known.set(locale, direction)
  return direction
}

/** Sets a piece of text apart, so that it and what is around it keep their order (Unicode's FSI and PDI). */
export function isolated(text: string): string {
  return `\u2068${text}\u2069`
}

/** In a sentence from left to right most values need no marks, which would only be in the way of who copies or searches the text. */
export function isolatedIn(direction: Direction): (text: string) => string {
  return direction === 'rtl' ? isolated : (text) => (RIGHT_TO_LEFT_LETTER.test(text) ? isolated(text) : text)
}
