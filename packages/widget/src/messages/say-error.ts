import type { UploadError } from '@upload-panel/core'
import type { ErrorWords, Messages } from './messages.js'

/** An error's sentence in the words of a catalogue; its own where the catalogue has none for it, or where it is that of a server or of the page. */
export function sayError(
  error: UploadError,
  { error: words, formats, fileType }: Pick<Messages, 'error' | 'formats' | 'fileType'>,
): string {
  return (error.translatable && translated(error, words, formats, fileType)) || error.message
}

function translated(
  { code, limit, status }: UploadError,
  words: ErrorWords,
  formats: Messages['formats'],
  fileType: Messages['fileType'],
): string | undefined {
  switch (code) {
    case 'auth':
      // Without an answer it is the page's credentials that could not be had, which has no words here.
      return status === 401 ? words.signed_out : status === 403 ? words.forbidden : undefined
    case 'file_too_large':
    case 'file_too_small':
      return typeof limit === 'number' ? words[code]?.(formats.bytes(limit)) : undefined
    case 'file_type':
      return typeof limit === 'object' ? words.file_type?.(formats.list(limit.map(fileType))) : undefined
    case 'too_many_files':
      return typeof limit === 'number' ? words.too_many_files?.(limit) : undefined
    default:
      return words[code]
  }
}
