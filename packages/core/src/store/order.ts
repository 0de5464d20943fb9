/**
 * The order of a queue. Each id has a rank that compares like its place, so that a heap can be ordered by it
 * and a move changes one rank instead of renumbering all that follow.
 */
export interface Order {
  /** A new array after each change, the same one in between. */
  ids(): readonly string[]
  /** Lower goes first. `undefined` for an id that is not here. Moves change one rank, and once in a while all of them. */
  rank(id: string): number | undefined
  append(ids: readonly string[]): void
  remove(ids: ReadonlySet<string>): void
  /** Puts an id at an index, clamped to the length. Returns whether anything moved. */
  move(id: string, index: number): boolean
}

export function createOrder(): Order {
  let ids: readonly string[] = []
  const ranks = new Map<string, number>()
  let lastRank = 0

  /** New ranks are above all earlier ones: whoever still holds an earlier one looks at it first, and learns of the new one in time. */
  function renumber(): void {
    for (const id of ids) ranks.set(id, (lastRank += 1))
  }

  return {
    ids: () => ids,
    rank: (id) => ranks.get(id),
    append(added) {
      for (const id of added) ranks.set(id, (lastRank += 1))
      ids = ids.length === 0 ? [...added] : ids.concat(added)
    },
    remove(gone) {
      ids = ids.filter((id) => !gone.has(id))
      for (const id of gone) ranks.delete(id)
    },
    move(id, index) {
      const from = ids.indexOf(id)
      const to = Math.max(0, Math.min(ids.length - 1, Math.trunc(index)))
      if (from === -1 || from === to || Number.isNaN(to)) return false
      const moved = [...ids]
      moved.splice(from, 1)
      moved.splice(to, 0, id)
      ids = moved

      const before = to === 0 ? undefined : ranks.get(moved[to - 1] as string)
      const after = to === moved.length - 1 ? undefined : ranks.get(moved[to + 1] as string)
      const low = before ?? (after as number) - 2
      const high = after ?? (before as number) + 2
      const middle = (low + high) / 2
      ranks.set(id, middle)
      lastRank = Math.max(lastRank, middle)
      // Halving one gap again and again runs out of floating-point numbers after some fifty moves.
      if (!(low < middle && middle < high)) renumber()
      return true
    },
  }
}
