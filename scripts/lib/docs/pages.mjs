import { globSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'

const PAGES = ['*.md', 'docs/**/*.md', 'packages/*/README.md', 'examples/*/README.md']

/**
 * What a person reads about this project.
 * @param {string} root
 * @returns {Map<string, string>} text by path, from the root and with slashes
 */
export const readPages = (root) =>
  new Map(
    globSync(PAGES, { cwd: root })
      .sort()
      .map((path) => [path.replaceAll(sep, '/'), readFileSync(join(root, path), 'utf8')]),
  )
