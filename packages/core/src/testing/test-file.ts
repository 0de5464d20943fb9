/** A file without bytes in memory: any size, read at once, and lost when a test wants it. */
export interface TestFile extends File {
  /** From now on it cannot be read, as if it had been deleted from the disk. */
  lose(): void
}

/** @param size in bytes */
export function createTestFile(name: string, size: number, type = ''): TestFile {
  let isLost = false
  const read = () => (isLost ? Promise.reject(new DOMException('The file is gone.', 'NotFoundError')) : Promise.resolve(new ArrayBuffer(0)))
  const slice = (start = 0, end = size): Blob =>
    Object.defineProperties(new Blob(), {
      size: { value: Math.max(0, Math.min(end, size) - start) },
      arrayBuffer: { value: read },
    })
  return Object.defineProperties(new File([], name, { type }), {
    size: { value: size },
    slice: { value: slice },
    arrayBuffer: { value: read },
    lose: {
      value() {
        isLost = true
      },
    },
  }) as TestFile
}
