import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { parseSync } from 'oxc-parser'
import { Stop } from '../stop.mjs'

/**
 * What each file imports: types and dynamic imports too, because a person who reads follows those as well.
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
  const { module, errors } = parseSync(file, source)
  if (errors[0]) throw new Stop(`${file} cannot be parsed: ${errors[0].message}`)
  const { staticImports, staticExports, dynamicImports } = module
  const specifiers = [
    ...staticImports.map(({ moduleRequest }) => moduleRequest.value),
    ...staticExports.flatMap(({ entries }) => entries.flatMap(({ moduleRequest }) => moduleRequest?.value ?? [])),
    ...dynamicImports.flatMap(({ moduleRequest: { start, end } }) => /^(['"])(.*)\1$/.exec(source.slice(start, end))?.[2] ?? []),
  ]
  return [...new Set(specifiers)]
}

/** @param {string} folder @returns {string[]} */
const sourceFiles = (folder) =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return sourceFiles(path)
    return /\.tsx?$/.test(entry.name) && !entry.name.endsWith('.d.ts') ? [path] : []
  })

/** `./x.js` names `x.ts` or `x.tsx`: both become the extension-less path, see {@link moduleName}. @param {string} from @param {string} specifier */
const resolveRelative = (from, specifier) => moduleName(join(dirname(from), specifier).split(sep).join('/'))

/** @param {string} path a file's path without its extension, by which imports name it */
export const moduleName = (path) => path.replace(/\.(js|jsx|ts|tsx)$/, '')
