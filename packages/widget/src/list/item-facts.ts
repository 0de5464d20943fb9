import type { UploadItem } from '@upload-panel/core'
import type { Messages } from '../messages/messages.js'
import { safeUrl } from '../shared/safe-url.js'
import { displayName } from '../text/file-name.js'
import { line } from '../text/server-words.js'

/** One line of what is known about a file. */
export interface Fact {
  readonly name: 'code' | 'uploadId' | 'operationId' | 'type' | 'size' | 'folder' | 'added' | 'attempt'
  readonly label: string
  readonly value: string
  /** For programs and for support: shown in full, in letters that cannot be mistaken, with a button that copies it. */
  readonly isCode?: true
}

/** What a person, or who helps them, may want to know about a file besides its row. Plain text; nothing that is not known. */
export function viewFacts(item: UploadItem, { row, formats }: Messages): readonly Fact[] {
  const folder = displayName(item.relativePath?.replace(/\/?[^/]*$/, '') ?? '')
  const exact = row.bytes(item.size)
  const short = formats.bytes(item.size)
  const facts: readonly (Fact | undefined)[] = [
    'error' in item ? { name: 'code', label: row.code, value: codeOf(item.error), isCode: true } : undefined,
    { name: 'uploadId', label: row.uploadId, value: item.id, isCode: true },
    item.operationId === undefined
      ? undefined
      : { name: 'operationId', label: row.operationId, value: line(item.operationId), isCode: true },
    item.type === '' ? undefined : { name: 'type', label: row.type, value: line(item.type) },
    { name: 'size', label: row.size, value: item.size < 1000 ? exact : `${short} (${exact})` },
    folder === '' ? undefined : { name: 'folder', label: row.folder, value: folder },
    { name: 'added', label: row.added, value: formats.moment(new Date(item.addedAt)) },
    item.attempt > 1 ? { name: 'attempt', label: row.attempt, value: formats.count(item.attempt) } : undefined,
  ]
  return facts.filter((fact) => fact !== undefined)
}

/** The stable code, and the server's own where it sent one. */
function codeOf({ code, remoteCode }: { readonly code: string; readonly remoteCode?: string | undefined }): string {
  const own = line(remoteCode ?? '')
  return own === '' ? code : `${code}: ${own}`
}

/** Where the confirmed file can be seen. */
export function resultUrl(item: UploadItem, base: string): string | undefined {
  if (item.phase !== 'completed' || typeof item.result !== 'object' || item.result === null || !('url' in item.result)) return undefined
  return safeUrl(item.result.url, base)
}
