import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { parseSync } from 'oxc-parser'
import { Stop } from '../stop.mjs'

/**
 * What each file imports: types (of JavaScript, in its JSDoc) and dynamic imports too, because a person who reads follows those as well.
 * Relative specifiers become paths below the root; others (packages, `node:`) stay as they are written.
 * @typedef {Map<string, readonly string[]>} ImportGraph paths with `/`, below the root
 */

/**
 * @param {string} root
 * @param {readonly string[]} folders below the root
 * @returns {ImportGraph}
 */
export function readImportGraph(root, folders) {
  /** @type {Map<string, readonly string[]>} */
  const graph = new Map()
  for (const file of folders.flatMap((folder) => sourceFiles(join(root, folder))).sort()) {
    const specifiers = importsOf(file, readFileSync(file, 'utf8'))
    const path = relative(root, file).split(sep).join('/')
    graph.set(
      path,
      specifiers.map((specifier) => (specifier.startsWith('.') ? resolveRelative(path, specifier) : specifier)),
    )
  }
  return graph
}

/**
 * @param {string} file its name says which language it is
 * @param {string} source
 * @returns {string[]} specifiers, each once
 */
export function importsOf(file, source) {
  const { module, comments, errors } = parseSync(file, source)
  if (errors[0]) throw new Stop(`${file} cannot be parsed: ${errors[0].message}`)
  const { staticImports, staticExports, dynamicImports } = module
  const specifiers = [
    ...staticImports.map(({ moduleRequest }) => moduleRequest.value),
    ...staticExports.flatMap(({ entries }) => entries.flatMap(({ moduleRequest }) => moduleRequest?.value ?? [])),
    ...dynamicImports.flatMap(({ moduleRequest: { start, end } }) => /^(['"])(.*)\1$/.exec(source.slice(start, end))?.[2] ?? []),
    ...(isJavaScript(file) ? comments.flatMap(typeImportsOf) : []),
  ]
  return [...new Set(specifiers)]
}

/** @param {string} file */
const isJavaScript = (file) => /\.m?jsx?$/.test(file)

/** What a JSDoc comment takes by `import('./x.mjs').X`; a link only points. @param {{ readonly type: string, readonly value: string }} comment @returns {string[]} */
const typeImportsOf = ({ type, value }) =>
  type === 'Block' && value.startsWith('*')
    ? [...value.matchAll(/(?<!@link )\bimport\((['"])([^'"]+)\1\)/g)].flatMap(([, , specifier]) => specifier ?? [])
    : []

/** Folders within those of sources that hold what was made from them, or was installed: both are unread, as hidden ones are. */
const MADE = ['node_modules', 'dist']

/** @param {string} folder @returns {string[]} */
const sourceFiles = (folder) =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return MADE.includes(entry.name) || entry.name.startsWith('.') ? [] : sourceFiles(path)
    return /\.(m?jsx?|tsx?)$/.test(entry.name) && !entry.name.endsWith('.d.ts') ? [path] : []
  })

/** `./x.js` names `x.js`, `x.ts` or `x.tsx`: all become the extension-less path, see {@link moduleName}. @param {string} from @param {string} specifier */
const resolveRelative = (from, specifier) => moduleName(join(dirname(from), specifier).split(sep).join('/'))

/** @param {string} path a file's path without its extension, by which imports name it */
export const moduleName = (path) => path.replace(/\.(m?jsx?|tsx?)$/, '')
