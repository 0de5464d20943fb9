import type { UploadSource } from './strategy.js'

/** The whole content with its type, which the slice of a `File` has lost. */
export async function wholeFile(source: UploadSource): Promise<Blob> {
  const content = await source.slice(0, source.size)
  return content.type === source.type ? content : content.slice(0, content.size, source.type)
}
