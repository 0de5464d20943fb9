import type { Fingerprint } from './queue-storage.js'

/** Bytes read at the start, in the middle and at the end of a file. */
const SAMPLE_BYTES = 64 * 1024

/** SHA-256 of a sample of the content; `undefined` where the browser computes none (pages without HTTPS) or the file cannot be read. */
export async function contentSample(file: Blob): Promise<string | undefined> {
  const { subtle } = globalThis.crypto ?? {}
  if (subtle === undefined) return undefined
  const middle = Math.max(0, Math.floor((file.size - SAMPLE_BYTES) / 2))
  const starts = file.size <= 3 * SAMPLE_BYTES ? [0] : [0, middle, file.size - SAMPLE_BYTES]
  const length = starts.length === 1 ? file.size : SAMPLE_BYTES
  try {
    const sample = await new Blob(starts.map((start) => file.slice(start, start + length))).arrayBuffer()
    const digest = new Uint8Array(await subtle.digest('SHA-256', sample))
    return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
  } catch {
    return undefined
  }
}

/** Whether a file is the one that was seen before. Its name and size are compared elsewhere. The content decides, where it is known; else the date. */
export async function isSameContent(file: File, { lastModified, sample }: Fingerprint): Promise<boolean> {
  const other = sample === undefined ? undefined : await contentSample(file)
  return other === undefined ? file.lastModified === lastModified : other === sample
}
