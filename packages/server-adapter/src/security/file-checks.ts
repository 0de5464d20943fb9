import type { FileDescription, InlineError } from '@upload-panel/core/protocol'
import type { StoredObject } from '../storage/object-storage.js'
import { missingBytes } from '../storage/refusals.js'
import { type DetectedContent, detectContent, typesWithSignature } from './detect-content.js'
import {
  BYTES,
  canonical,
  extensionOf,
  familyOf,
  isActive,
  isGeneric,
  isTextual,
  isXml,
  mayBe,
  PLAIN_TEXT,
  typeOfExtension,
} from './media-types.js'
import { type TextContent, typeOfText } from './text-content.js'

/** Which files are taken: checked by what their client says before their bytes are sent, and by their content before they are processed. */
export interface AcceptOptions {
  /**
   * As in `<input accept>`: types (`image/png`), groups (`image/*`) and ends of names (`.pdf`). What runs in a browser, such as SVG and HTML, has to be named: no group has it.
   * @default everything, and the content is not looked at
   */
  readonly types?: readonly string[]
  /** Smallest file, bytes. The largest is in `limits`. @default 0 */
  readonly minBytes?: number
}

/** A file whose content is what it may be. */
export interface ConfirmedFile {
  /** Its type by its content, and by its name where that says more. */
  readonly type: string
}

export interface FileChecks {
  /** Why a file is refused by what its client says of it, or `undefined`. */
  declared(file: Pick<FileDescription, 'name' | 'size' | 'type'>): InlineError | undefined
  /** Looks into the stored bytes. Refuses where there are none. */
  content(file: Pick<FileDescription, 'name' | 'type'>, read: () => Promise<StoredObject | undefined>): Promise<ConfirmedFile | InlineError>
}

/** What a file is, and whether its content alone says so. */
interface Content extends ConfirmedFile {
  readonly isProven: boolean
}

export function createFileChecks({ types, minBytes = 0 }: AcceptOptions): FileChecks {
  if (types !== undefined && !Array.isArray(types)) throw new TypeError("accept.types must be a list, such as ['image/*', '.pdf'].")
  const accepted = types?.map((type) => type.trim().toLowerCase()).filter((type) => type !== '') ?? []
  const takesAll = accepted.length === 0 || accepted.some((entry) => entry === '*' || entry === '*/*')
  const refused = (message: string): InlineError => ({ code: 'file_type', message, retryable: false })
  const notAccepted = () => refused(`This type of file is not accepted. Accepted: ${accepted.join(', ')}.`)

  return {
    declared({ name, size, type }) {
      if (size < minBytes) {
        return { code: 'file_too_small', message: `This file has ${size} bytes; at least ${minBytes} are wanted.`, retryable: false }
      }
      const said = declaredType(name, type)
      return takesAll || accepted.some((entry) => names(entry, name, said)) ? undefined : notAccepted()
    },
    async content({ name, type }, read) {
      // Nobody has asked what is in it.
      if (accepted.length === 0) return { type }
      const object = await read()
      if (object === undefined) throw missingBytes('The bytes of this upload are not there.')
      const content = judge(await detectContent(object), name, type, await typesWithSignature())
      if (takesAll) return { type: content.type }
      if (!accepted.some((entry) => admits(entry, name, content))) return notAccepted()
      return isMisnamed(name, content) ? refused('The content of this file is not what its name says.') : { type: content.type }
    },
  }
}

/** What the client calls it: its type, or else the end of its name. */
function declaredType(name: string, type: string): string {
  const said = canonical(type)
  return said === '' || said === BYTES ? (typeOfExtension(extensionOf(name)) ?? said) : said
}

/** Whether an entry names a file by what its client says. */
function names(entry: string, name: string, type: string): boolean {
  if (entry.startsWith('.')) return name.toLowerCase().endsWith(entry)
  if (entry.endsWith('/*')) return type.startsWith(entry.slice(0, -1)) && !isActive(type)
  return canonical(entry) === type
}

/** Whether an entry takes a file of this content. */
function admits(entry: string, name: string, content: Content): boolean {
  if (entry.startsWith('.')) return name.toLowerCase().endsWith(entry) && mayEndWith(entry.slice(1), content)
  if (entry.endsWith('/*')) return content.isProven && content.type.startsWith(entry.slice(0, -1)) && !isActive(content.type)
  return canonical(entry) === content.type
}

/** Whether content is what the end of a name promises; an end that promises nothing known may have what is not known either. */
function mayEndWith(extension: string, { type, isProven }: Content): boolean {
  const promised = typeOfExtension(extension.slice(extension.lastIndexOf('.') + 1))
  if (promised !== undefined) return promised === type
  return !isProven || isGeneric(type) || type === PLAIN_TEXT || type === 'application/xml'
}

/** Content decides, and its name only what content cannot tell. */
function judge({ type, text }: DetectedContent, name: string, declared: string, withSignature: ReadonlySet<string>): Content {
  const byName = typeOfExtension(extensionOf(name))
  const wishes = [canonical(declared), byName ?? ''].filter((wish) => wish !== '' && wish !== BYTES)
  if (text !== undefined) return judgeText(type, text, wishes)
  const also = wishes.find((wish) => mayBe(type, wish))
  if (also !== undefined) return { type: also, isProven: !isGeneric(type) }
  const unknown = wishes.find((wish) => isGeneric(type) && !withSignature.has(wish) && !isTextual(wish))
  return unknown === undefined ? { type, isProven: type !== BYTES } : { type: unknown, isProven: false }
}

/** Of text only its name says whether it is a table, settings or a story. Markup tells itself. */
function judgeText(type: string, { text, isUnicode }: TextContent, wishes: readonly string[]): Content {
  const wish = wishes.find(isTextual)
  const found = type === PLAIN_TEXT && wish !== undefined && isXml(wish) ? typeOfText(text, true) : type
  if (wish !== undefined && (isXml(wish) ? found === 'application/xml' : found === PLAIN_TEXT)) return { type: wish, isProven: true }
  // In an unknown encoding it is text where it is said to be, and else anything.
  return found === PLAIN_TEXT && !isUnicode && wish === undefined ? { type: BYTES, isProven: false } : { type: found, isProven: true }
}

/** A name that promises something of quite another kind: who opens it by its name gets what its content is not. */
function isMisnamed(name: string, { type }: Content): boolean {
  const promised = typeOfExtension(extensionOf(name))
  return promised !== undefined && promised !== type && familyOf(promised) !== familyOf(type)
}
