/**
 * @typedef {object} Block a piece of code in a page of the docs
 * @property {string} language as the page writes it
 * @property {number} line of the page on which the code begins, from 1
 * @property {string} code
 */

const FENCE = /^( *)```(\w+)\n([\s\S]*?)^ *```$/gm
const MODULE_SCRIPT = /<script type="module">\n([\s\S]*?)^\s*<\/script>/gm

/**
 * @param {string} text
 * @param {number} index
 */
const lineAt = (text, index) => text.slice(0, index).split('\n').length

/**
 * @param {string} page Markdown
 * @returns {Block[]}
 */
export const blocksOf = (page) =>
  [...page.matchAll(FENCE)].flatMap(({ index, 2: language = '', 3: code = '' }) => {
    const line = lineAt(page, index) + 1
    return language === 'html' ? scriptsOf(code, line) : [{ language, line, code }]
  })

/**
 * @param {string} html
 * @param {number} line
 * @returns {Block[]}
 */
const scriptsOf = (html, line) =>
  [...html.matchAll(MODULE_SCRIPT)].map(({ index, 1: code = '' }) => ({ language: 'js', line: line + lineAt(html, index), code }))

/** Texts, comments and templates, in which an ellipsis is a letter; then what is left out of code. */
const LEFT_OUT = /('(?:\\.|[^'\n\\])*'|"(?:\\.|[^"\n\\])*"|`(?:\\.|[^`\\])*`|\/\/.*|\/\*[\s\S]*?\*\/)|(=> )?…/g

/**
 * What a reader is to think of himself stands as `…`: after an arrow it is a value, elsewhere more of an object or of arguments.
 * @param {string} code
 */
export const withoutEllipses = (code) =>
  code.replaceAll(LEFT_OUT, (match, /** @type {string | undefined} */ text, /** @type {string | undefined} */ arrow) =>
    text !== undefined ? match : arrow === undefined ? '...leftOut' : '=> leftOut',
  )

const IMPORT = /^import (?:(\w+)|(type )?\{([^}]*)\}) from ('[^']+')$/gm

/**
 * What the imports of a block bind.
 * @param {string} code
 * @returns {[name: string, statement: string][]}
 */
const importsOf = (code) =>
  [...code.matchAll(IMPORT)].flatMap(([, alone, type = '', several, from]) =>
    alone === undefined
      ? (several ?? '').split(',').map((part) => {
          const one = part.trim()
          return /** @type {[string, string]} */ ([one.replace(/^type |^.+ as /g, ''), `import ${type}{ ${one} } from ${from};`])
        })
      : [[alone, `import ${alone} from ${from};`]],
  )

/**
 * What earlier blocks of the page have imported and this one uses: a page says it once.
 * @param {string} code
 * @param {readonly string[]} earlier blocks of the page
 */
export function importsBefore(code, earlier) {
  const used = [...new Map(earlier.flatMap(importsOf))].filter(([name]) => {
    const isBound =
      importsOf(code).some(([own]) => own === name) || new RegExp(`\\b(?:const|let|function|class|interface) ${name}\\b`).test(code)
    return !isBound && new RegExp(`\\b${name}\\b`).test(code)
  })
  return used.map(([, statement]) => statement).join(' ')
}
