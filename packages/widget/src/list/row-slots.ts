/** Which element shows which row. */
export interface RowSlots {
  /** Of a row that has one. */
  of(id: string): number | undefined
  ids(): readonly string[]
  /** Rows that stay keep their elements; one that comes takes that of one that goes, or a new one. */
  give(shown: readonly string[]): void
}

export function createRowSlots(): RowSlots {
  let slots = new Map<string, number>()
  let count = 0
  return {
    of: (id) => slots.get(id),
    ids: () => Array.from(slots.keys()),
    give(shown) {
      const next = new Map<string, number>()
      for (const id of shown) {
        const slot = slots.get(id)
        if (slot !== undefined) next.set(id, slot)
      }
      const taken = new Set(next.values())
      const free = Array.from(slots.values()).filter((slot) => !taken.has(slot))
      for (const id of shown) if (!next.has(id)) next.set(id, free.shift() ?? count++)
      slots = next
    },
  }
}
