import { browserTabs } from '../tabs.js'
import { sha256 } from './fingerprint.js'
import { createIdbStorage } from './idb-storage.js'
import { persistQueue } from './persist-queue.js'
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
      name,
      expiresAfterMs,
      maxFileBytes,
      maxBytes,
      digest: sha256,
      ...browserTabs(),
      session: tabStorage(),
      page: globalThis.window,
      estimate: async () => (await navigator.storage?.estimate().catch(() => undefined)) ?? {},
    })(host)
}

function tabStorage(): Storage | undefined {
  try {
    return globalThis.sessionStorage
  } catch {
    // The person forbids pages to store anything.
    return undefined
  }
}
