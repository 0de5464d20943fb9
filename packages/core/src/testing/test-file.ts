/** A file that takes no memory: any size, each byte made when it is read, and lost when a test wants it. */
export interface TestFile extends File {
  /** From now on it cannot be read, as if it had been deleted from the disk. */
  lose(): void
  /** Its bytes, also once it was lost. */
  content(): Uint8Array<ArrayBuffer>
}

/**
 * Files of other names, and other places of one file, hold other bytes.
 * @param size in bytes
 */
export function createTestFile(name: string, size: number, type = ''): TestFile {
  const seed = seedOf(name)
  let isLost = false

  function range(from: number, to: number): PropertyDescriptorMap {
    const read = async () => {
      if (isLost) throw new DOMException('The file is gone.', 'NotFoundError')
      return bytesOf(seed, from, to).buffer
    }
    const within = (offset: number) => Math.min(to, offset < 0 ? Math.max(from, to + offset) : from + offset)
    const slice = (start = 0, end = to - from, contentType = ''): Blob =>
      Object.defineProperties(new Blob([], { type: contentType }), range(within(start), Math.max(within(start), within(end))))
    const stream = () =>
      new Blob([]).stream().pipeThrough(new TransformStream({ flush: async (end) => end.enqueue(new Uint8Array(await read())) }))
    return { size: { value: to - from }, slice: { value: slice }, arrayBuffer: { value: read }, stream: { value: stream } }
  }
  const lose = () => {
    isLost = true
  }
  const content = () => bytesOf(seed, 0, size)
  const properties = { ...range(0, size), lose: { value: lose }, content: { value: content } }
  return Object.defineProperties(new File([], name, { type }), properties) as TestFile
}

function bytesOf(seed: number, from: number, to: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(to - from)
  for (let index = 0; index < bytes.length; index += 1) bytes[index] = byteAt(seed, from + index)
  return bytes
}

/** FNV-1a. */
function seedOf(name: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < name.length; index += 1) hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193)
  return hash
}

function byteAt(seed: number, offset: number): number {
  let mixed = Math.imul(seed ^ (offset + 0x9e3779b9), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) & 0xff
}
