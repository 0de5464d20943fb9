import type { StoredObject } from '../storage/object-storage.js'
import { BYTES, canonical } from './media-types.js'
import { readText, type TextContent, typeOfText } from './text-content.js'

/** What a file is by its content. */
export interface DetectedContent {
  /** Its type, by its signature or its markup; `text/plain` for other text, and `application/octet-stream` for what is unknown. */
  readonly type: string
  /** Where it is text that has no signature. */
  readonly text?: TextContent
}

/** Loaded with the first file that is looked into: a server that takes all files never needs it. */
const loadLibrary = () => import('file-type')

/** The types that files can be known to have by their signature. */
export async function typesWithSignature(): Promise<ReadonlySet<string>> {
  const { supportedMimeTypes } = await loadLibrary()
  return new Set([...supportedMimeTypes].map(canonical))
}

/** Read at once from storage, and enough to tell text from other bytes. */
const BLOCK_BYTES = 65_536
/** What a signature may lie behind: a picture in a song, the first documents in an archive. */
const MAX_BLOCKS = 32

/** Formats with a signature of plain characters. Text that begins as another one does by chance, such as a table with the heading `BMI`, is text. */
const WRITTEN: ReadonlySet<string> = new Set([
  'application/pdf',
  'application/postscript',
  'application/eps',
  'application/rtf',
  'application/xml',
  'application/pgp-encrypted',
  'application/x-ms-regedit',
  'model/stl',
  'text/calendar',
  'text/vcard',
  'text/vtt',
])

/** Reads as little as it can: the beginning, and some places further on for archives and tagged music. Unpacks nothing but a few small entries. */
export async function detectContent(object: StoredObject): Promise<DetectedContent> {
  const head = await readRange(object, 0, BLOCK_BYTES)
  const text = readText(head, head.length === object.size)
  const signature = await signatureOf(object, head)
  // Decoders do not skip the mark of UTF-8, as the library does.
  const isMarked = text === undefined && head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf
  const isByChance = text !== undefined && signature !== undefined && !WRITTEN.has(signature)
  if (signature !== undefined && signature !== 'application/xml' && !isMarked && !isByChance) return { type: signature }
  return text === undefined ? { type: BYTES } : { type: typeOfText(text.text), text }
}

async function signatureOf(object: StoredObject, head: Uint8Array): Promise<string | undefined> {
  const { fileTypeFromBlob, fileTypeFromBuffer } = await loadLibrary()
  const source = createSource(object, head)
  try {
    const found = await fileTypeFromBlob(source.slice(0, object.size))
    return found && canonical(found.mime)
  } catch (error) {
    if (source.hasFailed()) throw error
    // More places were asked for than we read, or the file contradicts itself: what it begins with has to do.
    const found = await fileTypeFromBuffer(head).catch(() => undefined)
    return found && canonical(found.mime)
  }
}

/** The file as the library wants it, read in blocks and within bounds. */
function createSource(object: StoredObject, head: Uint8Array) {
  const blocks = new Map<number, Uint8Array>([[0, head]])
  let hasFailed = false

  async function block(index: number): Promise<Uint8Array> {
    const known = blocks.get(index)
    if (known !== undefined) return known
    if (blocks.size >= MAX_BLOCKS) throw new RangeError('The file is read in too many places.')
    const start = index * BLOCK_BYTES
    try {
      const read = await readRange(object, start, start + BLOCK_BYTES)
      blocks.set(index, read)
      return read
    } catch (error) {
      hasFailed = true
      throw error
    }
  }

  async function read(start: number, end: number): Promise<ArrayBuffer> {
    const bytes = new Uint8Array(Math.max(0, end - start))
    for (let at = start; at < end; ) {
      const index = Math.floor(at / BLOCK_BYTES)
      const offset = at - index * BLOCK_BYTES
      const piece = (await block(index)).subarray(offset, offset + end - at)
      if (piece.length === 0) throw new RangeError('The file is shorter than its size.')
      bytes.set(piece, at - start)
      at += piece.length
    }
    return bytes.buffer
  }

  function slice(start: number, end: number): Blob {
    const last = Math.min(end, object.size)
    const arrayBuffer = () => read(start, last)
    const blob = async () => new Blob([await arrayBuffer()])
    return {
      size: last - start,
      type: '',
      arrayBuffer,
      bytes: async () => new Uint8Array(await arrayBuffer()),
      text: async () => (await blob()).text(),
      slice: (from = 0, to = last - start) => slice(start + from, start + to),
      stream() {
        throw new TypeError('This file is read in places, not as a whole.')
      },
    }
  }
  return { slice, hasFailed: () => hasFailed }
}

async function readRange(object: StoredObject, start: number, end: number): Promise<Uint8Array> {
  const last = Math.min(end, object.size)
  const bytes = new Uint8Array(Math.max(0, last - start))
  let length = 0
  if (bytes.length === 0) return bytes
  for await (const chunk of object.stream({ start, end: last })) {
    const fitting = chunk.subarray(0, bytes.length - length)
    bytes.set(fitting, length)
    length += fitting.length
    if (length === bytes.length) break
  }
  return bytes.subarray(0, length)
}
