/** Measured values in the order of time, the last ones of many; `null`: nothing was known then. */
export interface Series<T> {
  add(value: T): void
  /** The oldest first. */
  all(): readonly T[]
}

/** Memory that does not grow: the newest value takes the place of the oldest. */
export function createSeries<T>(capacity: number): Series<T> {
  const values: T[] = []
  let oldest = 0
  return {
    add(value) {
      if (values.length < capacity) return void values.push(value)
      values[oldest] = value
      oldest = (oldest + 1) % capacity
    },
    all: () => [...values.slice(oldest), ...values.slice(0, oldest)],
  }
}
