import { parseAst } from 'rollup/parseAst'

/**
 * The text between two expressions of a template.
 * @typedef {{ readonly start: number, readonly end: number }} Piece
 */

/** @type {Readonly<Record<string, (text: string) => string>>} */
const COMPACT = { css: compactCss, html: compactHtml, svg: compactHtml }

/**
 * Style sheets and templates without comments and indentation, which no minifier of scripts touches.
 * Their line breaks move into the code behind them, where a minifier drops them: the source map counts lines.
 * @param {string} code JavaScript
 */
export function compactTemplates(code) {
  let compacted = ''
  let done = 0
  for (const { start, end, compact } of piecesOf(code)) {
    const text = code.slice(start, end)
    // Behind the "`" that ends the template, or the "${" that ends this piece of it.
    const behind = end + (code[end] === '`' ? 1 : 2)
    compacted += code.slice(done, start) + compact(text) + code.slice(end, behind) + text.replace(/[^\n]/g, '')
    done = behind
  }
  return compacted + code.slice(done)
}

/**
 * In the order in which they stand: an expression of one template may hold another.
 * @param {string} code
 */
function piecesOf(code) {
  /** @type {(Piece & { readonly compact: (text: string) => string })[]} */
  const pieces = []
  /** @param {unknown} node */
  const walk = (node) => {
    if (typeof node !== 'object' || node === null) return
    if (isTagged(node)) {
      const compact = COMPACT[node.tag.name ?? '']
      if (compact) pieces.push(...node.quasi.quasis.map(({ start, end }) => ({ start, end, compact })))
    }
    for (const child of Object.values(node)) walk(child)
  }
  if (/\b(css|html|svg)`/.test(code)) walk(parseAst(code))
  return pieces.sort((a, b) => a.start - b.start)
}

/**
 * @param {object} node
 * @returns {node is { tag: { name?: string }, quasi: { quasis: Piece[] } }}
 */
function isTagged(node) {
  return 'type' in node && node.type === 'TaggedTemplateExpression'
}

/**
 * A line break and its indentation are shown as one space, and are one: whether it could go, too, depends on what stands around it.
 * @param {string} text
 */
function compactHtml(text) {
  return text.replace(/\s*\n\s*/g, ' ')
}

const STRING = /'[^']*'|"[^"]*"/.source
const SPACE = /(?:\s|\/\*[^]*?\*\/)/.source
/** Around these a style sheet needs no space. A colon without a space behind it may begin a pseudo-class. */
const MARK = /[{};,]|:(?=\s)/.source
const CSS = new RegExp(`(?<string>${STRING})|${SPACE}*(?<mark>${MARK})${SPACE}*|${SPACE}+`, 'g')

/** @param {string} text */
function compactCss(text) {
  return text.replace(CSS, (_, string, mark) => string ?? mark ?? ' ').replaceAll(';}', '}')
}
