import { toUploadError } from '../errors.js'
import type { UploadItem } from '../item/item.js'
import { fileFacts } from '../item/new-item.js'
import type { UploadStore } from '../store/upload-store.js'
import type { QueueEntry } from './entry.js'
import { createHooks, type HooksOptions } from './hooks.js'

export interface MakeReadyOptions extends HooksOptions {
  readonly store: UploadStore
  /** An item passed its checks. */
  onChecked(item: UploadItem): void
  /** The file of an item is another one from here on. */
  onPrepared(id: string): void
  /** A hook has ended, whatever came of it. */
  onEnd(): void
}

/** What the hooks of the user do with an item before it is planned. */
export interface MakeReady {
  /** Has the validators look at a queued item; one that they refuse fails. */
  check(item: UploadItem, entry: QueueEntry): Promise<void>
  /** Lets the `prepare` hook make the file that is uploaded. */
  prepare(item: UploadItem, entry: QueueEntry): Promise<void>
  /** Whether as many files are prepared as may be at once. */
  isBusy(): boolean
  /** Items whose file was made ready since the last time. */
  take(most: number): UploadItem[]
}

export function createMakeReady(options: MakeReadyOptions): MakeReady {
  const { store } = options
  const hooks = createHooks(options)
  const prepared: string[] = []

  async function run<T>(
    id: string,
    entry: QueueEntry,
    hook: (file: File, signal: AbortSignal) => Promise<T>,
    onPassed: (value: T) => void,
  ): Promise<void> {
    const { file } = entry
    // One hook at a time: an item that was paused and resumed is still looked at.
    if (file === undefined || entry.hooks !== undefined) return
    const controller = new AbortController()
    entry.hooks = controller
    const tell = await hook(file, controller.signal).then(
      (value) => () => onPassed(value),
      (thrown: unknown) => () => store.dispatch(id, { type: 'failed', error: toUploadError(thrown) }),
    )
    if (!controller.signal.aborted) {
      // Before anybody hears of it, who may want it looked at again at once.
      entry.hooks = undefined
      tell()
    }
    options.onEnd()
  }

  return {
    check: (item, entry) =>
      run(
        item.id,
        entry,
        (file, signal) => hooks.check(item, file, [-item.priority, store.rank(item.id)], signal),
        () => {
          entry.needsCheck = false
          const current = store.get(item.id)
          if (current !== undefined) options.onChecked(current)
        },
      ),
    prepare: (item, entry) =>
      run(
        item.id,
        entry,
        (file, signal) => hooks.prepare(item, file, signal),
        (file) => {
          entry.file = file
          entry.needsPrepare = false
          options.onPrepared(item.id)
          store.dispatch(item.id, { type: 'prepared', file: fileFacts(file) })
          prepared.push(item.id)
        },
      ),
    isBusy: hooks.isBusy,
    take: (most) => prepared.splice(0, most).flatMap((id) => store.get(id) ?? []),
  }
}
