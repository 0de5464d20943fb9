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

/** What is known of an element that remembers. */
export interface Rememberer {
  readonly remember: string
  readonly id: string
  readonly endpoint: string
  readonly isConnected: boolean
}

/** Under which name an element remembers: `remember="off"` is none, another value is the name; else its id, else where it uploads to. */
export function memoryName(element: Rememberer): string {
  const { remember, id, endpoint } = element
  if (remember === 'off') return ''
  return remember || id || (endpoint && ofItsPlace(endpoint, element))
}

/** Elements that nobody has named, by where they upload to. */
const unnamed = new Map<string, WeakRef<Rememberer>[]>()

/** They come in the order of the document: the second one of an endpoint has a memory of its own, and finds it again as the second one of the next page. */
function ofItsPlace(endpoint: string, element: Rememberer): string {
  const others = unnamed.get(endpoint) ?? []
  unnamed.set(endpoint, others)
  const held = others.map((other) => other.deref())
  let place = held.indexOf(element)
  // The place of one that has gone is free.
  if (place < 0) place = held.findIndex((other) => !other?.isConnected)
  if (place < 0) place = others.length
  others[place] = new WeakRef(element)
  return place === 0 ? endpoint : `${endpoint} ${place + 1}`
}
