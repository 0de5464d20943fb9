import { readBytes } from '../read-bytes.js'
import type { Fingerprint } from './queue-storage.js'

/** A digest of some bytes; `undefined` where the browser makes none. */
export type Digest = (bytes: Blob) => Promise<string | undefined>

/** Bytes read at the start, in the middle and at the end of a file. */
const SAMPLE_BYTES = 64 * 1024

/** SHA-256, base64. Browsers make it only on pages with HTTPS. */
export const sha256: Digest = async (bytes) => {
  const subtle: SubtleCrypto | undefined = crypto.subtle
  if (subtle === undefined) return undefined
  return btoa(String.fromCharCode(...new Uint8Array(await subtle.digest('SHA-256', await readBytes(bytes)))))
}

/** The digest of a sample of the content; `undefined` where there is none, or the file cannot be read. */
export async function contentSample(file: Blob, digest: Digest): Promise<string | undefined> {
  const last = Math.max(0, file.size - SAMPLE_BYTES)
  try {
    const samples = [0, Math.floor(last / 2), last].map((start) => digest(file.slice(start, start + SAMPLE_BYTES)))
    const digests = await Promise.all(samples)
    return digests.includes(undefined) ? undefined : digests.join(' ')
  } catch {
    return undefined
  }
}

/** Whether a file is the one that was seen before. Its name and size are compared elsewhere. The content decides, where it is known; else the date. */
export async function isSameContent(file: File, { lastModified, sample }: Fingerprint, digest: Digest): Promise<boolean> {
  const other = sample === undefined ? undefined : await contentSample(file, digest)
  return other === undefined ? file.lastModified === lastModified : other === sample
}
