import type { ReadableAtom } from 'nanostores'
import type { UploadError } from './errors.js'
import type { ItemIn, UploadItem } from './item/item.js'
import type { FileHandle } from './persistence/persistence.js'
import type { ConnectionStatus } from './realtime/transport.js'
import type { UploadSummary } from './store/summary.js'

/** What `add` takes: files, a `FileList`, or files with the path below the folder that they came from. */
export type AddInput = Iterable<File | FileWithPath> | ArrayLike<File | FileWithPath>
/** A file out of a folder, or with its handle. */
export interface FileWithPath {
  readonly file: File
  /** Where the browser gives one (`showOpenFilePicker`, `getAsFileSystemHandle`): with it `persistence` finds a file of any size again after a reload. */
  readonly handle?: FileHandle
  /** With `/`, relative to the dropped folder, as in `File.webkitRelativePath`. */
  readonly relativePath?: string
}

/** What holds for all files of one `add`. */
export interface AddOptions {
  /** Higher goes first. @default 0 */
  readonly priority?: number
  /** Sent to the server with the file. @default {} */
  readonly metadata?: Readonly<Record<string, unknown>>
}

/** A file that the restrictions refused: never an item, always told. */
export interface RejectedFile {
  readonly file: File
  readonly error: UploadError
}

/** Facts that `on` reports, each at the moment of the commit. */
export interface UploaderEvents {
  added: (items: readonly UploadItem[]) => void
  rejected: (files: readonly RejectedFile[]) => void
  /** The first byte slot was taken. */
  started: (item: ItemIn<'uploading'>) => void
  progressed: (item: ItemIn<'uploading'>) => void
  /** Storage has every byte and the server knows it. */
  transferred: (item: UploadItem) => void
  /** The server has begun to work on it. */
  processing: (item: ItemIn<'processing'>) => void
  completed: (item: ItemIn<'completed'>) => void
  failed: (item: ItemIn<'failed'>) => void
  /** The server took a completion back. */
  revoked: (item: ItemIn<'failed'>) => void
  cancelled: (item: ItemIn<'cancelled'>) => void
  /** An item is another one than `before`, whatever changed it: also another tab's word, which is none of the events above. */
  changed: (item: UploadItem, before: UploadItem) => void
  removed: (items: readonly UploadItem[]) => void
  /** Every item of one `add` call has ended. */
  'batch-completed': (items: readonly UploadItem[]) => void
  /** A message of the realtime transport was dropped, with the reason. */
  'message-dropped': (reason: string, raw: unknown) => void
  warning: (error: UploadError) => void
}

/** Ids of items that `clear` removes. */
export type ClearFilter = 'completed' | 'failed' | 'all'

/**
 * The engine: a queue of files on their way to storage and to the server's confirmation.
 * Made by `createUploader`, begins with its first listener or file, and lives until `dispose`. An unknown id is a no-op that says so in debug mode.
 */
export interface Uploader {
  /** The batch on the server that this session's uploads belong to: 128 random bits unless it was given. */
  readonly jobId: string
  /** Ids in queue order. */
  readonly $ids: ReadableAtom<readonly string[]>
  /** All items in queue order: a new array after any change of any item, told once a frame. Long lists read `$ids`, and `$item` for each row. */
  readonly $items: ReadableAtom<readonly UploadItem[]>
  readonly $summary: ReadableAtom<UploadSummary>
  readonly $connection: ReadableAtom<ConnectionStatus>
  /** One item as a store. Its atom exists only while someone listens; `get` always answers the committed state. */
  $item(id: string): ReadableAtom<UploadItem | undefined>
  /** All items in queue order, as they are now. */
  items(): readonly UploadItem[]
  /** The file itself; `undefined` once it was released (after completion or removal). */
  file(id: string): File | undefined

  /** Queues files and shows them at once. Returns their ids; refused files are told by `rejected` and have none. */
  add(files: AddInput, options?: AddOptions): readonly string[]
  /** Begins to upload, where `autoStart` is off. */
  start(): void
  /** Stops one item, or holds the whole queue; what was sent is kept. */
  pause(id?: string): void
  resume(id?: string): void
  cancel(id?: string): void
  /** Tries failed (and waiting) items again: one, or all. */
  retry(id?: string): void
  /** Gives an item its file again, after the first one could not be read. The same name, size and type go on from the checkpoint. */
  replaceFile(id: string, file: File): void
  remove(id: string): void
  clear(which: ClearFilter): void
  /** Puts an item at a place in the queue. */
  move(id: string, index: number): void
  setPriority(id: string, priority: number): void

  on<E extends keyof UploaderEvents>(event: E, listener: (...args: Parameters<UploaderEvents[E]>) => void): () => void
  /** For support and tests: what the engine holds right now. */
  inspect(): UploaderInspection
  /** Stops everything and lets go of it. Idempotent. */
  dispose(): Promise<void>
}

/** Figures of one moment. */
export interface UploaderInspection {
  readonly jobId: string
  readonly items: number
  /** Items in transfer, those that wait for a byte slot included. */
  readonly running: number
  /** The whole queue is held: by `pause()`, or because `autoStart` is off. */
  readonly paused: boolean
  /** Realtime messages that made no sense, so far. */
  readonly droppedMessages: number
  /** In debug mode: how many of them for each reason. */
  readonly dropReasons?: Readonly<Record<string, number>>
  /** Byte slots by storage origin. */
  readonly slots: Readonly<Record<string, { readonly limit: number; readonly used: number; readonly waiting: number }>>
}
