import { PLAIN_TEXT } from './media-types.js'

/** What the beginning of a file is, read as text. */
export interface TextContent {
  /** UTF-8, or UTF-16 with its mark; else some encoding of eight bits, in which only the characters of ASCII are sure. */
  readonly isUnicode: boolean
  readonly text: string
}

/** The bytes that no text has: https://mimesniff.spec.whatwg.org/#binary-data-byte */
// oxlint-disable-next-line no-control-regex
const BINARY = /[\u0000-\u0008\u000B\u000E-\u001A\u001C-\u001F]/

/** Reads bytes as text, or answers `undefined` where they are none. `isWhole`: nothing comes after them, so that no character may be cut off. */
export function readText(bytes: Uint8Array, isWhole: boolean): TextContent | undefined {
  const unicode = decode(bytes, encodingOf(bytes), isWhole)
  const text = unicode ?? Buffer.from(bytes).toString('latin1')
  return BINARY.test(text) ? undefined : { isUnicode: unicode !== undefined, text }
}

function encodingOf([first, second]: Uint8Array): string {
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  if (first === 0xfe && second === 0xff) return 'utf-16be'
  return 'utf-8'
}

function decode(bytes: Uint8Array, encoding: string, isWhole: boolean): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes, { stream: !isWhole })
  } catch {
    return undefined
  }
}

const XHTML = 'application/xhtml+xml'
const SVG = 'image/svg+xml'
const HTML = 'text/html'
/** With one of these a browser takes text for a page, if nobody forbids it to guess: https://mimesniff.spec.whatwg.org/#identifying-a-resource-with-an-unknown-mime-type */
const HTML_ROOTS: ReadonlySet<string> = new Set([
  'html',
  'head',
  'body',
  'script',
  'iframe',
  'title',
  'style',
  'object',
  'embed',
  'meta',
  'base',
  'link',
])

/**
 * What text is by its markup: a page, a drawing, XML, or plain text, which can be anything that is written in plain text.
 * `isXml`: it will be read as XML, as text is that says so, and text that is called so.
 */
export function typeOfText(text: string, isXml: boolean = text.trimStart().startsWith('<?xml')): string {
  const { root, isCutOff } = readProlog(text)
  if (root === 'svg') return SVG
  if (isXml && root !== undefined) {
    // Elements of a page or a drawing run in every XML that a browser opens, whatever its first one is.
    if (text.includes('http://www.w3.org/2000/svg')) return SVG
    return root === 'html' || text.includes('http://www.w3.org/1999/xhtml') || text.includes('<?xml-stylesheet') ? XHTML : 'application/xml'
  }
  // What hides how it begins is taken for the worst.
  return isCutOff || (root !== undefined && HTML_ROOTS.has(root)) ? HTML : PLAIN_TEXT
}

/** What stands before the first element, and its name without a prefix. */
function readProlog(text: string): { readonly root?: string; readonly isCutOff: boolean } {
  let rest = text.trimStart()
  while (true) {
    const end = rest.startsWith('<!--') ? '-->' : rest.startsWith('<?') ? '?>' : undefined
    if (end !== undefined) {
      const at = rest.indexOf(end)
      if (at === -1) return { isCutOff: true }
      rest = rest.slice(at + end.length).trimStart()
      continue
    }
    const [, name] = /^<(?:!doctype\s+)?(?:[\w.-]+:)?([a-z][\w.-]*)(?=[\s/>[]|$)/i.exec(rest) ?? []
    return name === undefined ? { isCutOff: false } : { root: name.toLowerCase(), isCutOff: false }
  }
}
