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
  readonly storage: Pick<QueueStorage, 'putFile'>
  readonly owner: string
  /** Largest file whose bytes are kept, and of all together. */
  readonly maxFileBytes: number
  readonly maxBytes: number
  /** Bytes that the browser gives to this origin. */
  estimate(): Promise<StorageEstimate>
  readonly digest: Digest
  kept(id: string): KeptUpload | undefined
  /** The bytes are not kept; this is by what the file will be known. */
  onSample(id: string, sample: string): void
  /** The disk is full, or the browser keeps no files. */
  onFull(error: unknown): void
}

/** Keeps the bytes of files within a budget, small ones first, one at a time, and what identifies the others. */
export interface FileKeeper {
  /** The file of an upload that is stored: it is new, or another one. */
  add(id: string): void
  /** Its bytes are there already. */
  note(id: string, size: number): void
  forget(id: string): void
  ids(): readonly string[]
  stop(): void
}

export function createFileKeeper(options: FileKeeperOptions): FileKeeper {
  const { clock, storage } = options
  const due = new Set<string>()
  /** Bytes by id. */
  const kept = new Map<string, number>()
  let total = 0
  let timer: (() => void) | undefined
  let isBusy = false
  let isStopped = false

  function note(id: string, size: number): void {
    total += size - (kept.get(id) ?? 0)
    kept.set(id, size)
  }

  function forget(id: string): void {
    due.delete(id)
    total -= kept.get(id) ?? 0
    kept.delete(id)
  }

  function schedule(): void {
    if (isBusy || isStopped || due.size === 0) return
    timer ??= clock.setTimeout(() => {
      timer = undefined
      isBusy = true
      void work().finally(() => {
        isBusy = false
        schedule()
      })
    }, DELAY_MS)
  }

  async function work(): Promise<void> {
    const { quota = Infinity, usage = 0 } = await options.estimate().catch((): StorageEstimate => ({}))
    let room = Math.min(options.maxBytes - total, (quota - usage) * SHARE)
    const files = [...due].flatMap((id) => {
      const one = options.kept(id)
      return one?.file === undefined ? [] : [{ id, file: one.file, handle: one.handle }]
    })
    due.clear()
    files.sort((a, b) => a.file.size - b.file.size)
    for (const { id, file, handle } of files) {
      // It was removed, or its file was replaced, while others were written.
      if (isStopped || due.has(id) || options.kept(id)?.file !== file) continue
      if (handle !== undefined || file.size <= Math.min(options.maxFileBytes, room)) {
        try {
          await storage.putFile(options.owner, id, handle ?? file)
          if (handle === undefined) {
            note(id, file.size)
            room -= file.size
            continue
          }
        } catch (error) {
          if (isFull(error)) return options.onFull(error)
          // A file that cannot be read is the transfer's to report, and some browsers keep no files in private windows.
        }
      }
      const sample = await contentSample(file, options.digest)
      if (sample !== undefined && options.kept(id)?.file === file) options.onSample(id, sample)
    }
  }

  return {
    add(id) {
      due.add(id)
      schedule()
    },
    note,
    forget,
    ids: () => [...kept.keys()],
    stop() {
      isStopped = true
      timer?.()
    },
  }
}

/** Whether a browser refused to store something for want of room. */
export function isFull(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'QuotaExceededError'
}
