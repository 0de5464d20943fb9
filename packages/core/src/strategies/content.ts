import { ownError } from '../errors.js'
import type { UploadSource } from './strategy.js'

/** The whole content, as the body of a request. A `File` as it is: who sends it makes a slice of it (`toBodyInit`), in the Worker if there is one. */
export function bodyOf(source: UploadSource): Blob | Promise<Blob> {
  return source instanceof File ? source : contentOf(source)
}

/** The whole content, or a part of it, with its type, which the slice of a `File` has lost. */
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
