import type { AddInput } from '@upload-panel/core'
import { effectFor, hasFiles, isInside, isOverFileInput, isPasteIntoText, takeDropped } from '@upload-panel/core/files'
import type { ReactiveControllerHost } from 'lit'
import type { SetTimer } from '../text/voice.js'
import { createDragWatch } from './drag-watch.js'

/** Where dropped or pasted files are taken: anywhere on the page, on the element alone, or nowhere. */
export type Scope = 'page' | 'element' | 'none'

export interface DropOptions {
  dropScope(): Scope
  pasteScope(): Scope
  /** A zone that takes nothing for now. What is dropped on it is swallowed: the browser would leave the page to show the file. */
  isDisabled(): boolean
  /** Called first, once for each drop or paste that is taken. */
  onDropped(): void
  /** Called inside the event with the files of a drop, and later with those of its folders. */
  onFiles(files: AddInput): void
  /** Paths below a dropped folder that could not be read. */
  onUnreadable(paths: readonly string[]): void
  readonly setTimer: SetTimer
}

export interface DropController {
  /** Files that would be taken here are being dragged over the host, or over the page where all of it counts. */
  readonly isOver: boolean
  /** Files found so far in the folders that are being read; `undefined` while none are. */
  readonly readingCount: number | undefined
}

/**
 * Takes files that are dropped or pasted, folders included. Of several zones under the pointer the innermost takes them: it hears of the drag
 * first and prevents its default, which tells the others, and just so does any handler of the page's own.
 */
export function dropController(
  host: ReactiveControllerHost & HTMLElement,
  { dropScope, pasteScope, isDisabled, onDropped, onFiles, onUnreadable, setTimer }: DropOptions,
): DropController {
  let connection: AbortController | undefined
  let overs: AbortController | undefined
  /** What this zone has claimed, which comes by a second time where the zone listens to the page as well. */
  let claimed: Event | undefined
  /** Something of the page itself is dragged: a picture in it counts as a file in some browsers. */
  let isFromPage = false
  let walks = 0
  let found = 0

  const watch = createDragWatch({
    setTimer,
    onChange() {
      overs?.abort()
      overs = new AbortController()
      // None of these comes while a drag goes on, but for the first, which a zone inside may keep to itself.
      if (watch.isOver) {
        for (const type of ['drop', 'dragend', 'pointermove']) {
          document.addEventListener(type, watch.ended, { capture: true, signal: overs.signal })
        }
      }
      host.requestUpdate()
    },
  })

  const take = (transfer: DataTransfer, signal: AbortSignal) => {
    /** What this drop has added to the count of all that are read. */
    let mine: number | undefined
    onDropped()
    takeDropped(transfer, {
      signal,
      onFiles,
      onUnreadable,
      onReading(count) {
        if (mine === undefined) walks += 1
        else if (count === undefined) walks -= 1
        found += (count ?? 0) - (mine ?? 0)
        mine = count
        host.requestUpdate()
      },
    })
  }

  /** Whether an event is this zone's, which it is from then on. */
  const claim = (event: Event): boolean => {
    if (event === claimed) return false
    if (event.defaultPrevented) {
      // Another zone's, inside this one or of the page.
      watch.ended()
      return false
    }
    claimed = event
    event.preventDefault()
    return true
  }

  const noteOwnDrag = () => {
    isFromPage = true
    // A drag has no pointer events: the next one says that it is over, even where the dragged element has gone and nobody heard of the end.
    for (const type of ['dragend', 'pointerdown', 'pointermove']) {
      document.addEventListener(type, () => (isFromPage = false), { capture: true, once: true })
    }
  }

  const isDragOfFiles = (event: DragEvent) => hasFiles(event.dataTransfer) && !isFromPage && !isOverFileInput(event)

  const onDragOver = (event: DragEvent) => {
    if (!isDragOfFiles(event)) return watch.ended()
    if (!event.dataTransfer || !claim(event)) return
    event.dataTransfer.dropEffect = isDisabled() ? 'none' : effectFor(event.dataTransfer)
    if (!isDisabled()) watch.seen()
  }

  const onDragLeave = (event: DragEvent) => {
    const area = dropScope() === 'page' ? { left: 0, top: 0, right: innerWidth, bottom: innerHeight } : host.getBoundingClientRect()
    watch.left(!isInside(event, area))
  }

  const listen = (target: HTMLElement | Document, scopes: readonly Scope[], signal: AbortSignal) => {
    const on = <E extends 'dragenter' | 'dragover' | 'dragleave' | 'drop' | 'paste'>(
      type: E,
      scope: () => Scope,
      listener: (event: HTMLElementEventMap[E]) => void,
    ) => {
      const entry = (event: Event) => {
        if (scopes.includes(scope()) && (host.checkVisibility?.() ?? true)) listener(event as HTMLElementEventMap[E])
      }
      target.addEventListener(type, entry, { signal })
    }
    on('dragenter', dropScope, onDragOver)
    on('dragover', dropScope, onDragOver)
    on('dragleave', dropScope, onDragLeave)
    on('drop', dropScope, (event) => {
      watch.ended()
      if (!isDragOfFiles(event) || !claim(event) || isDisabled() || !event.dataTransfer) return
      take(event.dataTransfer, signal)
    })
    on('paste', pasteScope, (event) => {
      if (isDisabled() || !hasFiles(event.clipboardData) || isPasteIntoText(event) || !claim(event)) return
      take(event.clipboardData, signal)
    })
  }

  host.addController({
    hostConnected() {
      connection = new AbortController()
      const { signal } = connection
      listen(host, ['element', 'page'], signal)
      listen(document, ['page'], signal)
      document.addEventListener('dragstart', noteOwnDrag, { capture: true, signal })
    },
    hostDisconnected() {
      connection?.abort()
      walks = found = 0
      watch.ended()
    },
  })

  return {
    get isOver() {
      return watch.isOver
    },
    get readingCount() {
      return walks > 0 ? found : undefined
    },
  }
}
