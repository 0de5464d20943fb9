import type { UploadSource } from './strategy.js'

/**
 * The whole content, or a part of it, with its type, which the slice of a `File` has lost. A whole `File` is handed on as it is: to slice one
 * costs Chromium's main thread up to a millisecond.
 */
export async function contentOf(source: UploadSource, start = 0, end = source.size): Promise<Blob> {
  if (source instanceof Blob && end - start === source.size) return source
  const content = await source.slice(start, end)
  return content.type === source.type ? content : content.slice(0, content.size, source.type)
}
