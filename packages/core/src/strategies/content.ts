import { UploadError } from '../errors.js'
import type { UploadSource } from './strategy.js'

/**
 * The whole content, or a part of it, with its type, which the slice of a `File` has lost. A whole `File` is handed on as it is: to slice one
 * costs Chromium's main thread up to a millisecond.
 */
export async function contentOf(source: UploadSource, start = 0, end = source.size): Promise<Blob> {
  if (source instanceof Blob && end - start === source.size) return source
  const content = await sliceOf(source, start, end)
  return content.type === source.type ? content : content.slice(0, content.size, source.type)
}

/** A part of the content, which must have all the bytes that it was asked for: completed with fewer it would be another file. */
export async function sliceOf(source: UploadSource, start: number, end: number): Promise<Blob> {
  const content = await source.slice(start, end)
  if (content.size === end - start) return content
  throw new UploadError('file_unreadable', 'The file is shorter than it was. Choose it again to go on.')
}
