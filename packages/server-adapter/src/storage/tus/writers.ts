import type { Locker } from '@tus/server'
import { uploadGone } from '../refusals.js'

/** Which requests bring bytes to which upload right now. */
export interface Writers {
  /** Does something that brings bytes; its signal says when to stop. */
  write<T>(id: string, requestSignal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T>
  /** Stops whoever writes to an upload, and then does something with it that nobody else may meet. */
  alone<T>(id: string, work: () => Promise<T>): Promise<T>
  stop(reason: unknown): void
}

export function createWriters(locker: Locker): Writers {
  const writing = new Map<string, Set<AbortController>>()

  return {
    async write(id, requestSignal, work) {
      const controller = new AbortController()
      const others = writing.get(id) ?? new Set()
      writing.set(id, others.add(controller))
      try {
        return await work(AbortSignal.any([requestSignal, controller.signal]))
      } finally {
        others.delete(controller)
        if (others.size === 0) writing.delete(id)
      }
    },
    async alone(id, work) {
      for (const writer of writing.get(id) ?? []) writer.abort(uploadGone())
      const lock = locker.newLock(id)
      await lock.lock(new AbortController().signal, () => {})
      try {
        return await work()
      } finally {
        await lock.unlock()
      }
    },
    stop(reason) {
      for (const all of writing.values()) for (const writer of all) writer.abort(reason)
    },
  }
}
