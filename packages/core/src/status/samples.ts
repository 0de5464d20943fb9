/** The last hundred of something measured. */
export interface Samples {
  add(value: number): void
  all(): readonly number[]
}

const MOST = 100

export function createSamples(): Samples {
  const values: number[] = []
  let next = 0
  return {
    add(value) {
      values[next] = value
      next = (next + 1) % MOST
    },
    all: () => values,
  }
}

/** The value below which a share (0..1) of the others lie, by the nearest rank; `null` where there is none. */
export function quantile(values: readonly number[], share: number): number | null {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.ceil(sorted.length * share) - 1] ?? null
}
