import { sha256 } from './fingerprint.js'
import { createIdbStorage } from './idb-storage.js'
import { persistQueue, type SessionKey } from './persist-queue.js'
import type { PersistenceFactory } from './persistence.js'

export interface IndexedDbOptions {
  /** Of the queue: pages with the same name on one origin share it. Name it after the person where several use one browser. */
  readonly name: string
  /** How long an unfinished upload that no page goes on with is kept, in milliseconds. @default 86400000 (a day, as long as the server waits) */
  readonly expiresAfterMs?: number
  /** Largest file whose bytes are kept, in bytes; larger ones have to be chosen again after a reload. @default 33554432 (32 MiB) */
  readonly maxFileBytes?: number
  /** Bytes of all kept files together; the browser's own quota may allow less. @default 268435456 (256 MiB) */
  readonly maxBytes?: number
}

/**
 * Keeps the queue in IndexedDB: it goes on after a reload or a crash, and tabs of the same name share it.
 * Each upload runs in one tab; the others show it, and go on with it when that tab is closed.
 *
 * @example
 * createUploader({ backend: httpBackend({ url: '/uploads' }), persistence: indexedDb({ name: 'my-app' }) })
 */
export function indexedDb({
  name,
  expiresAfterMs = 24 * 60 * 60_000,
  maxFileBytes = 32 * 2 ** 20,
  maxBytes = 256 * 2 ** 20,
}: IndexedDbOptions): PersistenceFactory {
  return (host) =>
    persistQueue({
      storage: createIdbStorage(`upload-panel:${name}`),
      ...{ name, expiresAfterMs, maxFileBytes, maxBytes },
      digest: sha256,
      locks: globalThis.navigator?.locks,
      openChannel: typeof BroadcastChannel === 'undefined' ? undefined : (channel) => new BroadcastChannel(channel),
      session: sessionKey(`upload-panel:${name}`),
      page: typeof window === 'undefined' ? undefined : window,
      estimate: async () => (await navigator.storage?.estimate?.()) ?? {},
    })(host)
}

function sessionKey(key: string): SessionKey {
  /** Access alone throws where the person forbids storage. */
  const attempt = (act: (storage: Storage) => string | null | void) => {
    try {
      return act(sessionStorage) ?? undefined
    } catch {
      return undefined
    }
  }
  return {
    take: () =>
      attempt((storage) => {
        const id = storage.getItem(key)
        // A tab that is duplicated copies its session storage: what was taken must not be taken by the copy.
        storage.removeItem(key)
        return id
      }),
    leave: (id) => void attempt((storage) => storage.setItem(key, id)),
  }
}
