/** What has been said already. Bounded: what was forgotten is known to the records, by the same names. */
export interface Replays {
  has(name: string): boolean
  add(name: string): void
}

export function createReplays(most: number): Replays {
  const names = new Set<string>()
  return {
    has: (name) => names.has(name),
    add(name) {
      names.add(name)
      for (const oldest of names) {
        if (names.size <= most) return
        names.delete(oldest)
      }
    },
  }
}
