import type { UploadItem } from '@upload-panel/core'

/** What a form gets: one id for each file that the server has confirmed. Every change costs the same, however many there are. */
export interface ConfirmedIds {
  readonly size: number
  /** Of files from before the page was left; each is one only until its file is confirmed here. */
  readonly restoredCount: number
  /** Restored ones first, then in the order of confirmation. */
  list(): readonly string[]
  /** Notes what has become of an item. Returns whether the ids are others now. */
  note(item: UploadItem): boolean
  /** Forgets an item. Returns whether the ids are others now. */
  forget(itemId: string): boolean
  restore(ids: Iterable<string>): void
  clearRestored(): void
  clear(): void
  /** All of them as entries of a form, under its name. Always the same object while ids are only added. */
  entries(name: string): FormData
}

export function createConfirmedIds(idOf: (item: UploadItem) => string): ConfirmedIds {
  const byItem = new Map<string, string>()
  const restored = new Set<string>()
  let data: FormData | undefined
  let nameOfData = ''

  const forget = (itemId: string) => {
    if (!byItem.delete(itemId)) return false
    data = undefined
    return true
  }

  return {
    get size() {
      return byItem.size + restored.size
    },
    get restoredCount() {
      return restored.size
    },
    list: () => [...restored, ...byItem.values()],
    note(item) {
      if (item.phase !== 'completed') return forget(item.id)
      if (byItem.has(item.id)) return false
      const id = idOf(item)
      byItem.set(item.id, id)
      if (restored.delete(id)) {
        // The same id, told again: its place has changed, the value has not.
        data = undefined
        return false
      }
      data?.append(nameOfData, id)
      return true
    },
    forget,
    restore(ids) {
      const known = new Set(byItem.values())
      for (const id of ids) if (!known.has(id)) restored.add(id)
      data = undefined
    },
    clearRestored() {
      restored.clear()
      data = undefined
    },
    clear() {
      byItem.clear()
      data = undefined
    },
    entries(name) {
      if (data === undefined || name !== nameOfData) {
        data = new FormData()
        nameOfData = name
        for (const ids of [restored, byItem.values()]) for (const id of ids) data.append(name, id)
      }
      return data
    },
  }
}
