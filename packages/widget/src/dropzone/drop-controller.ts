import type { AddInput } from '@upload-panel/core'
import type { ReactiveControllerHost } from 'lit'
import { readDrop, walkFolders } from './folders.js'

export interface DropOptions {
  /** Whether dropped and pasted files are taken at all. */
  isEnabled(): boolean
  /** Called first, once for each drop or paste that is taken. */
  onDropped(): void
  /** Called inside the event with the files of a drop, and later with those of its folders. */
  onFiles(files: AddInput): void
  /** Paths below a dropped folder that could not be read. */
  onUnreadable(paths: readonly string[]): void
}

export interface DropController {
  /** Files are being dragged over the host. */
  readonly isOver: boolean
  /** Files found so far in the folders that are being read; `undefined` while none are. */
  readonly readingCount: number | undefined
}

/** Takes files that are dropped or pasted on its host, folders included. */
export function dropController(
  host: ReactiveControllerHost & HTMLElement,
  { isEnabled, onDropped, onFiles, onUnreadable }: DropOptions,
): DropController {
  let connection: AbortController | undefined
  let isOver = false
  let readingCount: number | undefined

  const setOver = (over: boolean) => {
    if (over === isOver) return
    isOver = over
    host.requestUpdate()
  }

  const take = (transfer: DataTransfer, signal: AbortSignal) => {
    onDropped()
    const { files, folders } = readDrop(transfer)
    if (files.length > 0) onFiles(files)
    if (folders.length > 0) void takeFolders(folders, signal)
  }

  const takeFolders = async (folders: readonly FileSystemDirectoryEntry[], signal: AbortSignal) => {
    const tell = (count: number | undefined) => {
      readingCount = count
      host.requestUpdate()
    }
    tell(0)
    try {
      const { files, unreadable } = await walkFolders(folders, { signal, onFound: tell })
      if (files.length > 0) onFiles(files)
      if (unreadable.length > 0) onUnreadable(unreadable)
    } catch (error) {
      // The host left the page while its folders were read.
      if (!signal.aborted) throw error
    } finally {
      tell(undefined)
    }
  }

  const onDragOver = (event: DragEvent) => {
    if (!event.dataTransfer || !hasFiles(event.dataTransfer) || !isEnabled()) return
    event.preventDefault()
    event.dataTransfer.dropEffect = 'copy'
    setOver(true)
  }

  const onDragLeave = (event: DragEvent) => {
    // Crossing a child also leaves: engines disagree about `relatedTarget` in shadow trees, but not about where the pointer is.
    const { left, right, top, bottom } = host.getBoundingClientRect()
    const isInside = event.clientX > left && event.clientX < right && event.clientY > top && event.clientY < bottom
    if (!isInside) setOver(false)
  }

  host.addController({
    hostConnected() {
      connection = new AbortController()
      const { signal } = connection
      host.addEventListener('dragenter', onDragOver, { signal })
      host.addEventListener('dragover', onDragOver, { signal })
      host.addEventListener('dragleave', onDragLeave, { signal })
      host.addEventListener(
        'drop',
        (event) => {
          setOver(false)
          if (!event.dataTransfer || !hasFiles(event.dataTransfer) || !isEnabled()) return
          event.preventDefault()
          take(event.dataTransfer, signal)
        },
        { signal },
      )
      host.addEventListener(
        'paste',
        (event) => {
          if (!event.clipboardData || !hasFiles(event.clipboardData) || !isEnabled()) return
          event.preventDefault()
          take(event.clipboardData, signal)
        },
        { signal },
      )
    },
    hostDisconnected() {
      connection?.abort()
      connection = undefined
      isOver = false
    },
  })

  return {
    get isOver() {
      return isOver
    },
    get readingCount() {
      return readingCount
    },
  }
}

function hasFiles(transfer: DataTransfer): boolean {
  return Array.from(transfer.types).includes('Files')
}
