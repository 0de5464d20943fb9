import { createFormats, type Formats } from '../text/format.js'
import type { Tools, Values } from './messages.js'

/**
 * The words of a catalogue for one locale, with its figures: `createMessages('de-AT', de)`.
 * @throws RangeError where the locale is no BCP 47 tag.
 */
export function createMessages<W extends object>(
  locale: string,
  catalogue: (tools: Tools) => W,
): W & { readonly locale: string; readonly formats: Formats } {
  const tools = createTools(locale)
  return { ...catalogue(tools), locale, formats: tools.formats }
}

function createTools(locale: string): Tools {
  const formats = createFormats(locale)
  const rules = new Intl.PluralRules(locale)
  const isolate = isRightToLeft(locale) ? alwaysIsolated : isolatedWhereNeeded

  // In one pass: a file may be called `{name}#`.
  const fill = (pattern: string, values: Values, count: string) =>
    pattern.replace(/#|\{(\w+)\}/g, (mark, name?: string) => {
      if (name === undefined) return count
      const value = values[name] ?? mark
      return typeof value === 'number' ? formats.count(value) : isolate(value)
    })

  const tools: Tools = {
    formats,
    text: (pattern, values) => fill(pattern, values, '#'),
    plural: (count, forms, values = {}) => fill(forms[rules.select(count)] ?? forms.other, values, formats.count(count)),
    counted: (forms) => (count) => tools.plural(count, forms),
  }
  return tools
}

const RIGHT_TO_LEFT_LANGUAGES: ReadonlySet<string> = new Set(['ar', 'he', 'fa', 'ur', 'ps', 'sd', 'ug', 'yi', 'dv', 'ckb', 'ku'])
const RIGHT_TO_LEFT_LETTER = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}]/u

/** By its language: `Intl.Locale` tells the direction of a script in some browsers only. */
export function isRightToLeft(locale: string): boolean {
  const { language, script } = new Intl.Locale(locale)
  return script === 'Arab' || script === 'Hebr' || (script === undefined && RIGHT_TO_LEFT_LANGUAGES.has(language))
}

function alwaysIsolated(value: string): string {
  return `\u2068${value}\u2069`
}

/** In a sentence from left to right most values need no marks, which would only be in the way of who copies or searches the text. */
function isolatedWhereNeeded(value: string): string {
  return RIGHT_TO_LEFT_LETTER.test(value) ? alwaysIsolated(value) : value
}
