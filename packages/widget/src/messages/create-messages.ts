import { directionOf, isolatedIn } from '../text/direction.js'
import { createFormats, type Formats } from '../text/format.js'
import type { OwnMessages, Tools, Values } from './messages.js'

/**
 * The words of a catalogue for one locale, with its figures: `createMessages('de-AT', de)`.
 * @throws RangeError where the locale is no BCP 47 tag.
 */
export function createMessages<W extends OwnMessages>(
  locale: string,
  catalogue: (tools: Tools) => W,
): W & { readonly locale: string; readonly formats: Formats } {
  const tools = createTools(locale)
  return { ...catalogue(tools), locale, formats: tools.formats }
}

function createTools(locale: string): Tools {
  const formats = createFormats(locale)
  const rules = new Intl.PluralRules(locale)
  const isolate = isolatedIn(directionOf(locale))

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
