/** `core/README.md/12.ts(14,3): error TS2304: …`, with lines that explain it indented below. */
const ERROR = /^(.+)\/\d+\.(\w+)\((\d+),\d+\): error (TS\d+): (.+)$/gm
/** A name, alone or as a short property, that the page leaves to the reader, such as `userOf`; the last are those of test runners. */
const LEFT_TO_THE_READER = new Set(['TS2304', 'TS2552', 'TS18004', 'TS2582', 'TS2593'])
/** A package that is not ours need not be installed here. */
const FOREIGN_MODULE = /^Cannot find module '(?!@upload-panel\/)/
/** JavaScript says neither types nor that something is there. */
const UNSAID = /^TS(?:70\d\d|2531|2532|18047|18048)$/

/**
 * The errors of the docs' code that a reader would meet as well, as `page:line: what`.
 * @param {string} output of tsc
 * @returns {string[]}
 */
export const typeErrors = (output) =>
  [...output.matchAll(ERROR)].flatMap(([, page, language = '', line, code = '', what = '']) =>
    LEFT_TO_THE_READER.has(code) || FOREIGN_MODULE.test(what) || (language.startsWith('js') && UNSAID.test(code))
      ? []
      : [`${page}:${line}: ${what} (${code})`],
  )
