import { existsSync } from 'node:fs'
import { join, posix } from 'node:path'
import { ROOT } from '../paths.mjs'

const LINK = /\]\(([^)\s]+)\)/g
const HEADING = /^#+ (.+)$/gm
const CODE = /^ *```[\s\S]*?^ *```$|`[^`\n]*`/gm
const ELSEWHERE = /^[a-z]+:/

/**
 * The anchor that GitHub gives a heading.
 * @param {string} heading
 */
const anchorOf = (heading) =>
  heading
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
    .replaceAll(' ', '-')

/**
 * Links to files that are not there, and to headings that a page does not have.
 * @param {ReadonlyMap<string, string>} pages
 * @param {(path: string) => boolean} [exists] of a path from the root
 * @returns {string[]}
 */
export function brokenLinks(pages, exists = (path) => existsSync(join(ROOT, path))) {
  const anchors = new Map(
    [...pages].map(([path, page]) => [path, new Set([...page.matchAll(HEADING)].map(([, text = '']) => anchorOf(text)))]),
  )
  return [...pages].flatMap(([path, page]) =>
    [...page.replaceAll(CODE, '').matchAll(LINK)].flatMap(([, link = '']) => {
      if (ELSEWHERE.test(link)) return []
      const [file = '', anchor] = decodeURI(link).split('#')
      const target = file === '' ? path : posix.join(posix.dirname(path), file)
      if (!exists(target)) return [`${path}: there is no ${target}, to which it links`]
      const known = anchors.get(target)
      return anchor === undefined || known === undefined || known.has(anchor) ? [] : [`${path}: ${target} has no heading for #${anchor}`]
    }),
  )
}
