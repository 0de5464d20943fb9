/** A binary min-heap: the least by `isBefore` comes out first. */
export interface Heap<T> {
  readonly size: number
  peek(): T | undefined
  push(value: T): void
  pop(): T | undefined
}

export function createHeap<T>(isBefore: (a: T, b: T) => boolean): Heap<T> {
  const values: T[] = []

  function siftUp(start: number): void {
    const value = values[start] as T
    let index = start
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (!isBefore(value, values[parent] as T)) break
      values[index] = values[parent] as T
      index = parent
    }
    values[index] = value
  }

  function siftDown(): void {
    const value = values[0] as T
    let index = 0
    for (;;) {
      let child = 2 * index + 1
      if (child >= values.length) break
      if (child + 1 < values.length && isBefore(values[child + 1] as T, values[child] as T)) child += 1
      if (!isBefore(values[child] as T, value)) break
      values[index] = values[child] as T
      index = child
    }
    values[index] = value
  }

  return {
    get size() {
      return values.length
    },
    peek: () => values[0],
    push(value) {
      values.push(value)
      siftUp(values.length - 1)
    },
    pop() {
      const first = values[0]
      const last = values.pop()
      if (values.length > 0) {
        values[0] = last as T
        siftDown()
      }
      return first
    },
  }
}
