import { ownError, type UploadError } from '../errors.js'

/** What may be added. Read at each `add`, so that getters may change their minds; checked before anything is queued. The server checks again. */
export interface Restrictions {
  /** Largest file in bytes. @default no limit */
  readonly maxBytes?: number | undefined
  /** Smallest file in bytes. @default 0 */
  readonly minBytes?: number | undefined
  /** Most items in the queue, ended ones not counted. @default no limit */
  readonly maxFiles?: number | undefined
  /** As in `<input accept>`: MIME types (`image/png`), groups (`image/*`) and extensions (`.pdf`). @default everything */
  readonly types?: readonly string[] | undefined
}

/** The reason why a file is refused, or `undefined`. `queued` is how many unfinished items there are before it. */
export function refusal(file: Pick<File, 'name' | 'size' | 'type'>, restrictions: Restrictions, queued: number): UploadError | undefined {
  const { maxBytes, minBytes, maxFiles, types } = restrictions
  if (maxFiles !== undefined && queued >= maxFiles) {
    return ownError('too_many_files', `Only ${maxFiles} ${maxFiles === 1 ? 'file' : 'files'} can be uploaded at once.`, { limit: maxFiles })
  }
  if (maxBytes !== undefined && file.size > maxBytes) {
    return ownError('file_too_large', `The file is too large. The largest size is ${formatBytes(maxBytes)}.`, { limit: maxBytes })
  }
  if (minBytes !== undefined && file.size < minBytes) {
    return ownError('file_too_small', `The file is too small. The smallest size is ${formatBytes(minBytes)}.`, { limit: minBytes })
  }
  // As browsers read `accept`: what is empty between two commas says nothing.
  const accepted = types?.map((type) => type.trim()).filter((type) => type !== '') ?? []
  if (accepted.length > 0 && !accepted.some((type) => matches(file, type.toLowerCase()))) {
    return ownError('file_type', `This type of file is not accepted. Accepted: ${accepted.join(', ')}.`, { limit: accepted })
  }
  return undefined
}

function matches(file: Pick<File, 'name' | 'type'>, accepted: string): boolean {
  // Without parameters such as `;charset=utf-8`.
  const type = file.type.toLowerCase().split(';', 1)[0]?.trim() ?? ''
  if (accepted === '*' || accepted === '*/*') return true
  if (accepted.startsWith('.')) return file.name.toLowerCase().endsWith(accepted)
  if (accepted.endsWith('/*')) return type.startsWith(accepted.slice(0, -1))
  return type === accepted
}

/** In decimal units, as file managers and the panel show sizes. */
function formatBytes(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB']
  let value = bytes
  let power = 0
  // 999,950 is the least that would be shown as a thousand.
  while (value >= (power === 0 ? 1000 : 999.95) && power < units.length - 1) {
    value /= 1000
    power += 1
  }
  return `${Number(value.toFixed(1))} ${bytes === 1 ? 'byte' : units[power]}`
}
