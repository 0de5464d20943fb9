/** Most reasons that are counted each by itself: a `decode` of the page's own may give any number of them. */
const MAX_REASONS = 20

/** How many messages were dropped, and why. */
export interface DropCount {
  /** Counts one; returns how many there were for this reason. */
  add(reason: string): number
  total(): number
  byReason(): Readonly<Record<string, number>>
}

export function createDropCount(): DropCount {
  const counts = new Map<string, number>()
  let total = 0
  return {
    add(reason) {
      const key = counts.has(reason) || counts.size < MAX_REASONS ? reason : 'other reasons'
      const count = (counts.get(key) ?? 0) + 1
      counts.set(key, count)
      total += 1
      return count
    },
    total: () => total,
    byReason: () => Object.fromEntries(counts),
  }
}
