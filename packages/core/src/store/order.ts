/** Whatever has a place in an order. */
export interface Ranked {
  /** Lower goes first. Moves change one rank, and once in a while all of them. */
  rank: number
}

/**
 * The order of a queue. Each id has a rank that compares like its place, so that a heap can be ordered by it
 * and a move changes one rank instead of renumbering all that follow. Whoever owns what is ordered keeps the ranks: ten thousand files need no map of their own for them.
 */
export interface Order {
  /** A new array after each change, the same one in between. */
  ids(): readonly string[]
  /** Puts ids at the end. Answers the rank of the first of them; each that follows has the next whole number. */
  append(ids: readonly string[]): number
  remove(ids: ReadonlySet<string>): void
  /** Puts an id at an index, clamped to the length. Returns whether anything moved. */
  move(id: string, index: number): boolean
}

export function createOrder(ranked: ReadonlyMap<string, Ranked>): Order {
  let ids: readonly string[] = []
  let lastRank = 0

  const rankOf = (id: string | undefined) => (id === undefined ? undefined : ranked.get(id)?.rank)
  function setRank(id: string, rank: number): void {
    const place = ranked.get(id)
    if (place !== undefined) place.rank = rank
  }

  /** New ranks are above all earlier ones: whoever still holds an earlier one looks at it first, and learns of the new one in time. */
  function renumber(): void {
    for (const id of ids) setRank(id, (lastRank += 1))
  }

  return {
    ids: () => ids,
    append(added) {
      const first = lastRank + 1
      lastRank += added.length
      ids = ids.concat(added)
      return first
    },
    remove(gone) {
      ids = ids.filter((id) => !gone.has(id))
    },
    move(id, index) {
      const from = ids.indexOf(id)
      const to = Math.max(0, Math.min(ids.length - 1, Math.trunc(index)))
      if (from === -1 || from === to || Number.isNaN(to)) return false
      const moved = [...ids]
      moved.splice(from, 1)
      moved.splice(to, 0, id)
      ids = moved

      const before = rankOf(moved[to - 1])
      const after = rankOf(moved[to + 1])
      const low = before ?? (after as number) - 2
      const high = after ?? (before as number) + 2
      const middle = (low + high) / 2
      setRank(id, middle)
      lastRank = Math.max(lastRank, middle)
      // Halving one gap again and again runs out of floating-point numbers after some fifty moves.
      if (!(low < middle && middle < high)) renumber()
      return true
    },
  }
}
