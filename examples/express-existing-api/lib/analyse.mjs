import { setImmediate } from 'node:timers/promises'

const WORDS_A_STEP = 2000
const WORDS_A_MINUTE = 230
const MOST_FREQUENT = 5

/**
 * Reads a text: how many words, how many different ones, the most frequent, and how long it takes to read. Other requests are answered in between.
 *
 * @param {string} text
 * @param {(fraction: number) => unknown} [onProgress]
 */
export async function analyse(text, onProgress = () => undefined) {
  const words = text.toLowerCase().match(/[\p{L}\p{N}’']+/gu) ?? []
  if (words.length === 0) throw new Error('There are no words in this document.')
  /** @type {Map<string, number>} */
  const counts = new Map()
  for (let start = 0; start < words.length; start += WORDS_A_STEP) {
    for (const word of words.slice(start, start + WORDS_A_STEP)) counts.set(word, (counts.get(word) ?? 0) + 1)
    await onProgress(Math.min(1, (start + WORDS_A_STEP) / words.length))
    await setImmediate()
  }
  const frequent = [...counts].sort(([, a], [, b]) => b - a).slice(0, MOST_FREQUENT)
  return {
    words: words.length,
    different: counts.size,
    frequent: Object.fromEntries(frequent),
    minutes: Math.ceil(words.length / WORDS_A_MINUTE),
  }
}
