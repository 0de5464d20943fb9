import { UploadError } from '../../errors.js'

/** "The key MUST NOT contain spaces and commas and MUST NOT be empty. The key SHOULD be ASCII encoded". */
const isName = (name: string): boolean => /^[!-+\--~]+$/.test(name)

/** What is known of a file, as far as tus can carry it. */
export function fitMetadata(file: {
  readonly name: string
  readonly type: string
  readonly relativePath?: string
  readonly metadata: Readonly<Record<string, unknown>>
}): Readonly<Record<string, string>> {
  const own = Object.entries(file.metadata).filter(([name, value]) => isName(name) && /^(string|number|boolean)$/.test(typeof value))
  return {
    ...Object.fromEntries(own.map(([name, value]) => [name, String(value)])),
    filename: file.name,
    ...(file.type !== '' && { filetype: file.type }),
    ...(file.relativePath !== undefined && { relativePath: file.relativePath }),
  }
}

/** Throws where a name cannot be a name in `Upload-Metadata`. */
export function checkMetadata(metadata: Readonly<Record<string, string>>): void {
  const wrong = Object.keys(metadata).find((name) => !isName(name))
  if (wrong === undefined) return
  throw new UploadError('validation', `tus has no place for metadata called "${wrong}": names are ASCII, without spaces and commas.`)
}

/** The value of `Upload-Metadata`; `undefined` where there is none. */
export function encodeMetadata(metadata: Readonly<Record<string, string>>): string | undefined {
  const words = Object.entries(metadata).map(([name, value]) => `${name} ${base64(value)}`)
  return words.length === 0 ? undefined : words.join(',')
}

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)))
}
