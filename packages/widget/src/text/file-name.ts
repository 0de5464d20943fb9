import { sanitizeText } from '@upload-panel/core/protocol'

/** Longest name shown, in UTF-16 units. File systems stop at 255; a `File` made by a script may not. */
const MAX_NAME_LENGTH = 300
/** A name of so few graphemes is never cut. */
const SHORT_NAME = 18
/** Graphemes kept at the end besides the extension: where "scan 12" and "scan 13" differ. */
const TAIL = 5
const LONGEST_EXTENSION = 8
/** Graphemes of a name in a sentence, and how many of them are kept at the start where there are more. */
const LONGEST_IN_SENTENCE = 40
const HEAD = 24

const segmenter = typeof Intl.Segmenter === 'function' ? new Intl.Segmenter(undefined, { granularity: 'grapheme' }) : undefined
/** Characters that are graphemes by themselves: of most names, and a hundred times quicker to split. */
const ASCII = /^[ -~]*$/
const JOINING_LETTER = /[\p{Script=Arabic}\p{Script=Syriac}\p{Script=Mongolian}]/u

/** A file's name as one line of plain text: no controls, and none of the marks that make `photo[U+202E]gpj.exe` look like a picture. */
export function displayName(name: string): string {
  return sanitizeText(name, MAX_NAME_LENGTH).replace(/\s+/g, ' ').trim()
}

/** The same in a sentence, where nobody wants to read or hear two hundred emoji: a long name is cut in the middle. */
export function shortName(name: string): string {
  const shown = displayName(name)
  const graphemes = graphemesOf(shown)
  return graphemes.length <= LONGEST_IN_SENTENCE ? shown : `${graphemes.slice(0, HEAD).join('')}…${splitName(shown).tail}`
}

/** Upper-case extension of at most four Latin letters or digits, for a file's icon; `undefined` where there is none. */
export function extensionOf(name: string): string | undefined {
  return /[^.]\.([a-z0-9]{1,4})$/i.exec(name)?.[1]?.toUpperCase()
}

/** A name in two pieces, so that CSS can cut it in the middle: the head may be shortened, the tail always shows. */
export interface SplitName {
  readonly head: string
  readonly tail: string
}

function graphemesOf(name: string): readonly string[] {
  if (!segmenter || ASCII.test(name)) return Array.from(name)
  return Array.from(segmenter.segment(name), ({ segment }) => segment)
}

/** Splits a name between two graphemes, never inside an emoji or between a letter and its marks. */
export function splitName(name: string): SplitName {
  const graphemes = graphemesOf(name)
  if (graphemes.length <= SHORT_NAME) return { head: name, tail: '' }
  const dot = graphemes.lastIndexOf('.')
  const extension = graphemes.length - dot
  const kept = TAIL + (dot > 0 && extension <= LONGEST_EXTENSION ? extension : 0)
  const head = graphemes.slice(0, -kept).join('')
  const tail = graphemes.slice(-kept).join('')
  // Cursive letters must not fall apart where the pieces meet: a zero-width joiner keeps their connected form.
  const isJoined = JOINING_LETTER.test(head.slice(-1)) && JOINING_LETTER.test(tail.slice(0, 1))
  return isJoined ? { head: `${head}\u200D`, tail: `\u200D${tail}` } : { head, tail }
}
