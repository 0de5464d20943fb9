import { ownError } from '../errors.js'
import type { UploadSource } from './strategy.js'

/**
 * The whole content, or a part of it, with its type, which the slice of a `File` has lost. Sliced although it may be the whole: Chromium
 * holds a slice to the file's date, and sends a `File` itself as it finds it then, cut short or changed.
 */
export async function contentOf(source: UploadSource, start = 0, end = source.size): Promise<Blob> {
  const content = await sliceOf(source, start, end, source.type)
  return content.type === source.type ? content : content.slice(0, content.size, source.type)
}

/** A part of the content, which must have all the bytes that it was asked for: completed with fewer it would be another file. */
export async function sliceOf(source: UploadSource, start: number, end: number, type?: string): Promise<Blob> {
  const content = await source.slice(start, end, type)
  if (content.size === end - start) return content
  throw ownError('file_unreadable', 'The file is shorter than it was. Choose it again to go on.')
}
