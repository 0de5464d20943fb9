import type { Clock } from '../environment.js'
import { contentSample, type Digest } from './fingerprint.js'
import type { KeptUpload } from './persistence.js'
import type { QueueStorage } from './queue-storage.js'

/** What is done within this time is never written to the disk, in milliseconds. */
const DELAY_MS = 500
/** Of what the browser still gives to this origin the queue takes at most this share: the page has data of its own. */
const SHARE = 0.25

export interface FileKeeperOptions {
  readonly clock: Clock
  readonly storage: Pick<QueueStorage, 'keepFile'>
  readonly owner: string
  /** Largest file whose bytes are kept, and of all together. */
  readonly maxFileBytes: number
  readonly maxBytes: number
  /** Bytes that the browser gives to this origin; never rejects. */
  estimate(): Promise<StorageEstimate>
  readonly digest: Digest
  kept(id: string): KeptUpload | undefined
  /** The bytes are not kept; this is by what the file will be known. */
  onSample(id: string, sample: string): void
  /** The disk is full. */
  onFull(error: unknown): void
}

/** Keeps the bytes of files within a budget, small ones first, one at a time, and what identifies the others. */
export interface FileKeeper {
  /** The file of an upload that is stored: it is new, or another one. */
  add(id: string): void
  /** So many bytes are kept of it already. */
  note(id: string, size: number): void
  forget(id: string): void
  /** Keeps nothing from here on. Answers whose bytes were kept, the first time. */
  stop(): readonly string[] | undefined
}

export function createFileKeeper(options: FileKeeperOptions): FileKeeper {
  const due = new Set<string>()
  /** Bytes by id. */
  const sizes = new Map<string, number>()
  let total = 0
  let cancelTimer: (() => void) | undefined
  let isBusy = false
  let isStopped = false

  function note(id: string, size: number): void {
    total += size - (sizes.get(id) ?? 0)
    sizes.set(id, size)
  }

  function forget(id: string): void {
    due.delete(id)
    total -= sizes.get(id) ?? 0
    sizes.delete(id)
  }

  function schedule(): void {
    if (isBusy || isStopped || due.size === 0) return
    cancelTimer ??= options.clock.setTimeout(() => {
      isBusy = true
      void work().finally(() => {
        isBusy = false
        cancelTimer = undefined
        schedule()
      })
    }, DELAY_MS)
  }

  async function work(): Promise<void> {
    const { quota = Infinity, usage = 0 } = await options.estimate()
    let room = Math.min(options.maxBytes - total, (quota - usage) * SHARE)
    const files = [...due].flatMap((id) => {
      const { file, handle } = options.kept(id) ?? {}
      return file === undefined ? [] : [{ id, file, handle }]
    })
    due.clear()
    for (const { id, file, handle } of files.sort((a, b) => a.file.size - b.file.size)) {
      // It may be gone, or be another one, since others were written.
      const isCurrent = () => !isStopped && options.kept(id)?.file === file
      if (!isCurrent()) continue
      if (handle !== undefined || file.size <= Math.min(options.maxFileBytes, room)) {
        try {
          await options.storage.keepFile(options.owner, id, handle ?? file)
          if (handle === undefined) {
            note(id, file.size)
            room -= file.size
            continue
          }
        } catch (error) {
          if (isFull(error)) return options.onFull(error)
          // A file that cannot be read is the transfer's to report.
        }
      }
      const sample = await contentSample(file, options.digest)
      if (sample !== undefined && isCurrent()) options.onSample(id, sample)
    }
  }

  return {
    add(id) {
      due.add(id)
      schedule()
    },
    note,
    forget,
    stop() {
      if (isStopped) return undefined
      isStopped = true
      cancelTimer?.()
      return [...sizes.keys()]
    },
  }
}

/** Whether a browser refused to store something for want of room. */
export function isFull(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'QuotaExceededError'
}
