import { readFileSync } from 'node:fs'
import { fromRoot } from './paths.mjs'

/**
 * The script behind a tool's command, to be run by the workspace's Node: npm's own starters take whatever Node they find, and need a shell on Windows.
 * @param {string} name package
 * @param {string} [command] where the package has several
 * @returns {string} absolute path
 */
export function toolPath(name, command) {
  const { bin } = JSON.parse(readFileSync(fromRoot('node_modules', name, 'package.json'), 'utf8'))
  return fromRoot('node_modules', name, typeof bin === 'string' ? bin : (bin[command ?? name] ?? Object.values(bin)[0]))
}
