/** Small facts about how a person left an element, for the next visit. */
export interface Memory {
  /** What was kept under this name. Anybody can have written it: check it before use. */
  read(fact: string): unknown
  /** Keeps a fact; `undefined` forgets it. Does nothing where nothing can be kept. */
  write(fact: string, value: unknown): void
}

const PREFIX = 'upload-panel:'
/** Nobody wrote so much but to do harm. */
const MAX_LENGTH = 4096

/**
 * The memory of that name, in `localStorage`. Without a name, and where storage is forbidden, full or full of nonsense, everything works and is
 * forgotten. Each fact is written beside what is there by then: other parts of the element, and other tabs, keep theirs in the same place.
 */
export function memoryOf(name: string): Memory {
  const key = `${PREFIX}${name}`

  const facts = (): Record<string, unknown> => {
    if (name === '') return {}
    try {
      const text = localStorage.getItem(key) ?? ''
      const value: unknown = text.length > MAX_LENGTH ? undefined : JSON.parse(text)
      return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
    } catch {
      return {}
    }
  }

  return {
    read(fact) {
      const all = facts()
      return Object.hasOwn(all, fact) ? all[fact] : undefined
    },
    write(fact, value) {
      if (name === '') return
      try {
        localStorage.setItem(key, JSON.stringify({ ...facts(), [fact]: value }))
      } catch {
        // Forbidden or full.
      }
    },
  }
}

/** Under which name an element remembers: `remember="off"` is none, another value is the name; else its id, else where it uploads to. */
export function memoryName({
  remember,
  id,
  endpoint,
}: {
  readonly remember: string
  readonly id: string
  readonly endpoint: string
}): string {
  if (remember === 'off') return ''
  return remember || id || endpoint
}
