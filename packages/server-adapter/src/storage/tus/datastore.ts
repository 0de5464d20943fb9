import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { Readable } from 'node:stream'
import type { DataStore, Upload } from '@tus/server'
import { isNodeError } from '../../node-error.js'
import type { StoredObject } from '../object-storage.js'

/** Where a tus server keeps its uploads: `FileStore`, `S3Store`, or another one whose bytes can be read. */
export interface TusDataStore extends DataStore {
  read(id: string): Readable | Promise<Readable>
}

/** An upload of a datastore; `undefined` where there is none any more. */
export async function findUpload(store: TusDataStore, id: string): Promise<Upload | undefined> {
  try {
    return await store.getUpload(id)
  } catch (error) {
    if (isNoUpload(error)) return undefined
    throw error
  }
}

/** Deletes an upload, where there is one. */
export async function removeUpload(store: TusDataStore, id: string): Promise<void> {
  try {
    await store.remove(id)
  } catch (error) {
    // What is torn by a crash may lack one of its files.
    if (!isNoUpload(error) && !isNodeError(error, 'ENOENT')) throw error
  }
}

/** Stores say by a status, in an object that is no `Error`, that there is no such upload. */
function isNoUpload(error: unknown): boolean {
  const status = typeof error === 'object' && error !== null && 'status_code' in error ? error.status_code : undefined
  return status === 404 || status === 410
}

export function isWhole({ size, offset }: Upload): boolean {
  return size === offset
}

/** The bytes of an upload that has all of them. */
export function asObject(store: TusDataStore, { id, size = 0, storage }: Upload): StoredObject {
  const path = storage?.type === 'file' ? storage.path : undefined
  return {
    size,
    ...(path !== undefined && { path }),
    stream({ start = 0, end = size } = {}) {
      // Node's `end` is inclusive, so nothing at all cannot be asked of it.
      if (end <= start) return asStream(Readable.from([]))
      return asStream(path === undefined ? Readable.from(slice(store, id, start, end)) : createReadStream(path, { start, end: end - 1 }))
    },
  }
}

const asStream = (bytes: Readable) => Readable.toWeb(bytes) as ReadableStream<Uint8Array>

/** Datastores have no ranges. */
async function* slice(store: TusDataStore, id: string, start: number, end: number): AsyncGenerator<Uint8Array> {
  let at = 0
  for await (const chunk of (await store.read(id)) as AsyncIterable<Uint8Array>) {
    const piece = chunk.subarray(Math.max(0, start - at), Math.max(0, end - at))
    at += chunk.byteLength
    if (piece.byteLength > 0) yield piece
    if (at >= end) return
  }
}

/** Makes bytes outlast a power cut, where they lie in a file. */
export async function makeSafe({ storage }: Upload): Promise<void> {
  if (storage?.type !== 'file') return
  const file = await open(storage.path, 'r')
  try {
    await file.datasync()
  } finally {
    await file.close()
  }
}

/** All that a datastore holds, as far as it can tell. */
export async function* uploadsOf(store: TusDataStore): AsyncGenerator<Upload> {
  for (const id of await idsOf(store)) {
    const upload = await findUpload(store, id)
    if (upload !== undefined) yield upload
  }
}

async function idsOf(store: TusDataStore): Promise<readonly string[]> {
  const configstore: unknown = 'configstore' in store ? store.configstore : undefined
  if (typeof configstore !== 'object' || configstore === null || !('list' in configstore) || typeof configstore.list !== 'function')
    return []
  const ids: unknown = await configstore.list()
  return Array.isArray(ids) ? ids.filter((id) => typeof id === 'string') : []
}
