import { sanitizeText } from '@upload-panel/core/protocol'

const MAX_STAGE_LENGTH = 60
const MAX_SENTENCE_LENGTH = 300

/** Words of the server as one bounded line. */
export function line(text: string): string {
  return sanitizeText(text, MAX_SENTENCE_LENGTH).replace(/\s+/g, ' ').trim()
}

/** The same with a full stop: another sentence follows it. */
export function sentence(text: string): string {
  const words = line(text)
  return words === '' || /[.!?…。！？؟।]$/u.test(words) ? words : `${words}.`
}

/** A stage is the server's own short word, such as `making_thumbnail`: shown as people write it. Empty where there is none. */
export function stageWords(stage: string | undefined, locale: string): string {
  const words = sanitizeText(stage ?? '', MAX_STAGE_LENGTH)
    .replace(/[_-]+/g, ' ')
    .trim()
  return words.charAt(0).toLocaleUpperCase(locale) + words.slice(1)
}
