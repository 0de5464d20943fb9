import { UploadError } from '../errors.js'
import type { HttpResponse } from '../http/http-client.js'
import { isBoundedJson, isRecord, sanitizeText } from '../protocol/index.js'

/** How long a server may work on the bytes before it answers, in milliseconds: some scan, convert or put together what they got first. */
export const ANSWER_MS = 300_000

export function isOk({ status }: HttpResponse): boolean {
  return status >= 200 && status <= 299
}

/** The JSON of an answer, whatever type it claims; `undefined` where it is none, or more than a message may hold. */
export function readJson({ text }: HttpResponse): unknown {
  try {
    const json: unknown = JSON.parse(text)
    return isBoundedJson(json) ? json : undefined
  } catch {
    return undefined
  }
}

/** Throws where a page answers in the place of whoever should: a login, a proxy, a captive portal. Nobody knows then where the bytes are. */
export function refusePage(response: HttpResponse): void {
  // By content: much of what answers plain text, or JSON, calls it HTML.
  const isMarkup = /^\s*</.test(response.text) && response.header('content-type')?.toLowerCase().startsWith('text/html') === true
  if (!isMarkup && !/^\s*<(!doctype html|html)/i.test(response.text)) return
  throw new UploadError('bad_answer', 'A page answered in place of a confirmation. Are you still signed in, and is the address right?', {
    status: response.status,
  })
}

/** An error, with the sentence that the server put where APIs put theirs. */
export function inItsWords(error: UploadError, response: HttpResponse, other?: string): UploadError {
  const sentence = sentenceIn(readJson(response)) ?? other
  return sentence === undefined ? error : new UploadError(error.code, sanitizeText(sentence, 500), error)
}

/** `{error: {message}}`, `{message}`, `{detail}` or `{error}`, where that is a sentence: not `unauthorized`, which says less than ours. */
function sentenceIn(json: unknown): string | undefined {
  if (!isRecord(json)) return undefined
  const { error, message, detail } = json
  return [isRecord(error) ? error['message'] : undefined, message, detail, error].find(isSentence)
}

/** Anything but blanks and names in small letters. */
function isSentence(value: unknown): value is string {
  return typeof value === 'string' && !/^[a-z0-9._-]*$/.test(value.trim())
}
