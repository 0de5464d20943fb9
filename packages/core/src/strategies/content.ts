import type { UploadSource } from './strategy.js'

/** The whole content, or a part of it, with its type: the slice of a `File` has lost it. */
export async function contentOf(source: UploadSource, start = 0, end = source.size): Promise<Blob> {
  const content = await source.slice(start, end)
  return content.type === source.type ? content : content.slice(0, content.size, source.type)
}
