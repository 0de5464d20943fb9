'use client'
import type { AddInput } from '@upload-panel/core'
import { effectFor, hasFiles, isInside, isOverFileInput, isPasteIntoText, takeDropped, withPaths } from '@upload-panel/core/files'
import {
  type ChangeEvent,
  type ClipboardEvent,
  type ComponentProps,
  type DragEvent,
  type KeyboardEvent,
  type MouseEvent,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react'
import { provided } from './provided.js'
import { UploaderContext } from './uploader-context.js'
import { useStable } from './use-stable.js'

export interface UseDropZoneOptions {
  /** Takes the files: at once those of a drop, later those of its folders. @default the nearest uploader's `add` */
  readonly onFiles?: (files: AddInput) => void
  /** Paths below a dropped folder that could not be read. */
  readonly onUnreadable?: (paths: readonly string[]) => void
  /** As in a file input, for the picker; what is dropped is the uploader's to refuse. @default everything */
  readonly accept?: string
  /** @default true */
  readonly multiple?: boolean
  /** The picker chooses a folder. @default false */
  readonly directory?: boolean
  /** Takes nothing for now. @default false */
  readonly disabled?: boolean
  /** Neither a click nor a key opens the picker: there is a button for that. @default false */
  readonly noClick?: boolean
  /** @default false */
  readonly noPaste?: boolean
}

type RootProps = ComponentProps<'div'>
type InputProps = ComponentProps<'input'>

export interface DropZone {
  /** For the element that files are dropped on: `<div {...getRootProps({ className })}>`. Handlers that are given run first; one that prevents the default is the last. */
  getRootProps(props?: RootProps): RootProps
  /** For a file input inside it, which nobody sees. */
  getInputProps(props?: InputProps): InputProps
  /** Opens the picker. Only inside a click or a key press: browsers refuse it elsewhere. */
  open(): void
  /** Files that would be taken are being dragged over it. */
  readonly isDragActive: boolean
  /** Files found so far in the folders that are being read; `undefined` while none are. */
  readonly readingCount: number | undefined
}

/**
 * Makes an element of yours take files by drop, folders included, by paste, by click and by key.
 *
 * @example
 * const { getRootProps, getInputProps, isDragActive } = useDropZone()
 * return <div {...getRootProps()}><input {...getInputProps()} />{isDragActive ? 'Let go' : 'Drop files here'}</div>
 */
export function useDropZone(options: UseDropZoneOptions = {}): DropZone {
  const uploader = useContext(UploaderContext)
  const { accept, multiple = true, directory = false, disabled = false, noClick = false, noPaste = false } = options
  const input = useRef<HTMLInputElement>(null)
  const [isDragActive, setDragActive] = useState(false)
  const [readingCount, setReadingCount] = useState<number | undefined>(undefined)
  const lifetime = useLifetime()
  const give = useStable(options.onFiles ?? uploader?.add)
  const onUnreadable = useStable(options.onUnreadable)

  const take = useCallback((files: AddInput) => void provided(give, 'uploader, nor onFiles,', 'UploaderProvider')(files), [give])

  const takeFrom = useCallback(
    (transfer: DataTransfer) =>
      takeDropped(transfer, {
        signal: lifetime.current.signal,
        onFiles: take,
        onUnreadable: (paths) => onUnreadable?.(paths),
        onReading: setReadingCount,
      }),
    [take, lifetime, onUnreadable],
  )

  const open = useCallback(() => {
    if (!disabled) input.current?.click()
  }, [disabled])

  return useMemo(() => {
    const isOpener = !noClick && !disabled

    const onDragOver = (event: DragEvent) => {
      if (!hasFiles(event.dataTransfer) || isOverFileInput(event.nativeEvent)) return
      // Also where nothing is taken: the browser would leave the page to show the file.
      event.preventDefault()
      event.dataTransfer.dropEffect = disabled ? 'none' : effectFor(event.dataTransfer)
      setDragActive(!disabled)
    }
    const onDragLeave = (event: DragEvent) => {
      if (!isInside(event, event.currentTarget.getBoundingClientRect())) setDragActive(false)
    }
    const onDrop = (event: DragEvent) => {
      setDragActive(false)
      if (!hasFiles(event.dataTransfer) || isOverFileInput(event.nativeEvent)) return
      event.preventDefault()
      if (!disabled) takeFrom(event.dataTransfer)
    }
    const onPaste = (event: ClipboardEvent) => {
      if (disabled || noPaste || !hasFiles(event.clipboardData) || isPasteIntoText(event.nativeEvent)) return
      event.preventDefault()
      takeFrom(event.clipboardData)
    }
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.target !== event.currentTarget || (event.key !== 'Enter' && event.key !== ' ')) return
      event.preventDefault()
      open()
    }
    const onClick = (event: MouseEvent) => {
      // What can be pressed in it answers for itself.
      if (!(event.target as Element).closest('button, a, input, select, textarea, label, summary')) open()
    }
    const onChange = (event: ChangeEvent<HTMLInputElement>) => {
      const { files } = event.target
      if (files !== null && files.length > 0) take(withPaths(files))
      // So that the same files can be chosen a second time.
      event.target.value = ''
    }

    return {
      getRootProps: (props = {}) => ({
        ...(isOpener && { role: 'button', tabIndex: 0 }),
        ...(disabled && { 'aria-disabled': true }),
        ...props,
        ...after(props, { onDragEnter: onDragOver, onDragOver, onDragLeave, onDrop, onPaste, ...(isOpener && { onKeyDown, onClick }) }),
      }),
      getInputProps: (props = {}) => ({
        ...props,
        type: 'file',
        hidden: true,
        multiple: multiple || directory,
        disabled,
        ...(accept !== undefined && { accept }),
        ...(directory && { webkitdirectory: '' }),
        ref: input,
        // A click on the input is one on the zone as well, which would open the picker again.
        ...after(props, { onChange, onClick: stopPropagation }),
      }),
      open,
      isDragActive,
      readingCount,
    }
  }, [accept, multiple, directory, disabled, noClick, noPaste, take, takeFrom, open, isDragActive, readingCount])
}

/** A signal for what the component has begun; StrictMode's second mount has one of its own. */
function useLifetime() {
  const lifetime = useRef(new AbortController())
  useEffect(() => {
    if (lifetime.current.signal.aborted) lifetime.current = new AbortController()
    return () => lifetime.current.abort()
  }, [])
  return lifetime
}

const stopPropagation = (event: MouseEvent) => event.stopPropagation()

type Handlers = Readonly<Record<string, (event: never) => void>>

/** For each event the page's own handler, then ours, unless that one has prevented it. */
function after<H extends Handlers>(props: object, ours: H): H {
  const theirs = props as Partial<Handlers>
  const both = Object.entries(ours).map(([name, handle]) => [
    name,
    (event: { readonly defaultPrevented: boolean }) => {
      theirs[name]?.(event as never)
      if (!event.defaultPrevented) handle(event as never)
    },
  ])
  return Object.fromEntries(both) as H
}
