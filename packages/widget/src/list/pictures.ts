import type { SetTimer } from '../text/voice.js'

export interface PicturesOptions<P> {
  /** Makes a picture of a file; rejects where it is none, or a harmful one. */
  readonly load: (file: Blob) => Promise<P>
  readonly setTimer: SetTimer
  /** How many are kept. @default 60 */
  readonly limit?: number
  /** How many bytes of files the kept ones may stand for: a browser keeps those behind a picture. @default 64 MB */
  readonly maxBytes?: number
}

/** Small pictures of files, made only for those that somebody looks at, and kept only while they are few. */
export interface Pictures<P> {
  /** The picture, if it is there. If not, it is asked for, and `onReady` tells when another call answers it. A file is read once its turn comes. */
  show(id: string, file: () => Blob | undefined, onReady: () => void): P | undefined
  /** Nobody looks any more: what has not been begun is not begun. */
  leave(id: string): void
  /** Lets go of those that are not `wanted`. */
  keepOnly(wanted: (id: string) => boolean): void
  clear(): void
}

interface Request {
  readonly file: () => Blob | undefined
  readonly onReady: () => void
}

/** While a list is scrolled fast, rows come and go sooner than this. */
const SETTLE_MS = 120
const AT_ONCE = 2

export function createPictures<P>({ load, setTimer, limit = 60, maxBytes = 64_000_000 }: PicturesOptions<P>): Pictures<P> {
  /** Oldest look first; no picture stands for one that could not be made. */
  const kept = new Map<string, { readonly picture: P | undefined; readonly bytes: number }>()
  const requests = new Map<string, Request>()
  const loading = new Set<string>()
  let bytes = 0
  let generation = 0
  /** The first one alone: a page whose policy forbids all of them is asked once. */
  let hasLoaded = false
  let cancelTimer: (() => void) | undefined

  const drop = (id: string) => {
    bytes -= kept.get(id)?.bytes ?? 0
    kept.delete(id)
  }

  const keep = (id: string, picture: P | undefined, size: number) => {
    drop(id)
    kept.set(id, { picture, bytes: size })
    bytes += size
    for (const oldest of Array.from(kept.keys())) {
      if (kept.size <= limit && bytes <= maxBytes) break
      if (oldest !== id) drop(oldest)
    }
  }

  const begin = async (id: string, { file, onReady }: Request) => {
    const began = generation
    const blob = file()
    loading.add(id)
    const picture = blob && (await load(blob).catch(() => undefined))
    if (began !== generation) return
    loading.delete(id)
    hasLoaded ||= picture !== undefined
    keep(id, picture, picture === undefined ? 0 : (blob?.size ?? 0))
    onReady()
    next()
  }

  const next = () => {
    cancelTimer = undefined
    // The latest first: those are in view.
    for (const [id, request] of Array.from(requests).reverse()) {
      if (loading.size >= (hasLoaded ? AT_ONCE : 1)) return
      requests.delete(id)
      void begin(id, request)
    }
  }

  return {
    show(id, file, onReady) {
      const known = kept.get(id)
      if (known) {
        // Looked at last, so let go of last.
        kept.delete(id)
        kept.set(id, known)
        return known.picture
      }
      if (loading.has(id)) return undefined
      const isNew = !requests.has(id)
      requests.set(id, { file, onReady })
      if (!isNew) return undefined
      cancelTimer?.()
      cancelTimer = setTimer(next, SETTLE_MS)
      return undefined
    },
    leave: (id) => void requests.delete(id),
    keepOnly(wanted) {
      for (const id of Array.from(kept.keys())) if (!wanted(id)) drop(id)
    },
    clear() {
      generation += 1
      cancelTimer?.()
      cancelTimer = undefined
      kept.clear()
      requests.clear()
      loading.clear()
      bytes = 0
    },
  }
}
