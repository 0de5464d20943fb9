import { partReplaced } from './refusals.js'

/** Which requests write to which upload right now, so that sealing and discarding never meet a writer. */
export interface Traffic {
  /** Writes a part, once the upload is neither being sealed nor discarded, and in place of an earlier request for the same part. */
  write<T>(operationId: string, partNumber: number, requestSignal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T>
  /** Does something with an upload while new writers wait. What is being written goes on: ask, or stop it. */
  exclusively<T>(operationId: string, work: () => Promise<T>): Promise<T>
  isWriting(operationId: string): boolean
  /** Makes writers end, of one upload or of all, and waits for them. */
  stop(reason: unknown, operationId?: string): Promise<void>
}

interface Writer {
  readonly controller: AbortController
  readonly done: Promise<unknown>
}

interface Entry {
  /** By part number. */
  readonly writers: Map<number, Writer>
  /** While the upload is being sealed or discarded: settles when that is over. Never rejects. */
  closing?: Promise<unknown>
}

export function createTraffic(): Traffic {
  const entries = new Map<string, Entry>()

  const closingOf = (operationId: string) => entries.get(operationId)?.closing
  function entryOf(operationId: string): Entry {
    const entry = entries.get(operationId) ?? { writers: new Map() }
    entries.set(operationId, entry)
    return entry
  }
  function forget(operationId: string): void {
    const entry = entries.get(operationId)
    if (entry !== undefined && entry.writers.size === 0 && entry.closing === undefined) entries.delete(operationId)
  }

  return {
    async write(operationId, partNumber, requestSignal, work) {
      // Nothing may come between the end of this wait and the entry in the map: both happen in one turn.
      while (closingOf(operationId) !== undefined) await closingOf(operationId)
      const { writers } = entryOf(operationId)
      // The same part again means that its sender gave the other request up, which a half-open connection does not tell.
      const earlier = writers.get(partNumber)
      earlier?.controller.abort(partReplaced())
      const controller = new AbortController()
      const signal = AbortSignal.any([controller.signal, requestSignal])
      const done = (async () => {
        await earlier?.done.catch(() => {})
        signal.throwIfAborted()
        return work(signal)
      })()
      const writer = { controller, done }
      writers.set(partNumber, writer)
      try {
        return await done
      } finally {
        if (writers.get(partNumber) === writer) writers.delete(partNumber)
        forget(operationId)
      }
    },
    async exclusively(operationId, work) {
      while (closingOf(operationId) !== undefined) await closingOf(operationId)
      const entry = entryOf(operationId)
      const result = work()
      entry.closing = result.catch(() => {})
      try {
        return await result
      } finally {
        delete entry.closing
        forget(operationId)
      }
    },
    isWriting: (operationId) => (entries.get(operationId)?.writers.size ?? 0) > 0,
    async stop(reason, operationId) {
      const concerned = [...entries].filter(([id]) => operationId === undefined || id === operationId)
      const writers = concerned.flatMap(([, entry]) => [...entry.writers.values()])
      for (const { controller } of writers) controller.abort(reason)
      await Promise.allSettled(writers.map(({ done }) => done))
    },
  }
}
