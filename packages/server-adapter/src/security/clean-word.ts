import { isRecord, sanitizeText, type SyncStatusUpdate } from '@upload-panel/core/protocol'

/** Rule 6: "every other string is text: never markup, bounded, control characters removed by the sender and again by the receiver". */
export function cleanWord<W extends SyncStatusUpdate>(word: W): W {
  const { message, stage, triggered_by, source, error, file, result, performance_data } = word
  return {
    ...word,
    ...(message !== undefined && { message: sanitizeText(message) }),
    ...(stage !== undefined && { stage: sanitizeText(stage, 100) }),
    ...(triggered_by !== undefined && { triggered_by: sanitizeText(triggered_by, 200) }),
    ...(source !== undefined && { source: sanitizeText(source, 200) }),
    ...(error !== undefined && { error: { ...error, code: sanitizeText(error.code, 100), message: sanitizeText(error.message) } }),
    ...(file !== undefined && { file: cleanFile(file) }),
    ...(result !== undefined && { result: cleanValue(result) }),
    ...(performance_data !== undefined && { performance_data: cleanRecord(performance_data) }),
  }
}

/** What a name may have at most, in UTF-16 units: four times what file systems take. */
const MAX_NAME_LENGTH = 1000
const MAX_PATH_LENGTH = 4000
const MAX_TYPE_LENGTH = 255

/** What a client or a program says about a file, as text that can be shown: without the marks that make `gpj.exe` look like `exe.jpg`. */
export function cleanFile<F extends NonNullable<SyncStatusUpdate['file']>>(file: F): F {
  return {
    ...file,
    name: sanitizeText(file.name, MAX_NAME_LENGTH),
    type: sanitizeText(file.type, MAX_TYPE_LENGTH),
    ...(file.relative_path !== undefined && { relative_path: sanitizeText(file.relative_path, MAX_PATH_LENGTH) }),
  }
}

/** A JSON value whose texts, and names of fields, have no control characters and no half characters. How large it may be is for others to say. */
function cleanValue(value: unknown): unknown {
  if (typeof value === 'string') return sanitizeText(value, value.length)
  if (Array.isArray(value)) return value.map(cleanValue)
  return isPlain(value) ? cleanRecord(value) : value
}

export function cleanRecord(record: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [sanitizeText(name, name.length), cleanValue(value)]))
}

/** A date, or whatever else says itself how it is written, is left to do so. */
function isPlain(value: unknown): value is Record<string, unknown> {
  return isRecord(value) && typeof value['toJSON'] !== 'function'
}
