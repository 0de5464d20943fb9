'use client'
import type { AddInput } from '@upload-panel/core'
import { effectFor, hasFiles, isOverFileInput, isPasteIntoText, takeDropped, withPaths } from '@upload-panel/core/files'
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
import { missingProvider } from './missing-provider.js'
import { UploaderContext } from './uploader-context.js'
import { useLatest } from './use-latest.js'

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
  const latest = useLatest({ options, uploader })

  const give = useCallback(
    (files: AddInput) => {
      const {
        options: { onFiles },
        uploader: nearest,
      } = latest.current
      if (onFiles !== undefined) onFiles(files)
      else if (nearest !== undefined) nearest.add(files)
      else throw missingProvider('uploader, nor onFiles,', '<UploaderProvider …>')
    },
    [latest],
  )

  const take = useCallback(
    (transfer: DataTransfer) =>
      takeDropped(transfer, {
        signal: lifetime.current.signal,
        onFiles: give,
        onUnreadable: (paths) => latest.current.options.onUnreadable?.(paths),
        onReading: setReadingCount,
      }),
    [give, lifetime, latest],
  )

  const open = useCallback(() => {
    if (!latest.current.options.disabled) input.current?.click()
  }, [latest])

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
      // Crossing a child leaves as well.
      const { left, right, top, bottom } = event.currentTarget.getBoundingClientRect()
      const { clientX: x, clientY: y } = event
      if (x <= left || x >= right || y <= top || y >= bottom) setDragActive(false)
    }
    const onDrop = (event: DragEvent) => {
      setDragActive(false)
      if (!hasFiles(event.dataTransfer) || isOverFileInput(event.nativeEvent)) return
      event.preventDefault()
      if (!disabled) take(event.dataTransfer)
    }
    const onPaste = (event: ClipboardEvent) => {
      if (disabled || noPaste || !hasFiles(event.clipboardData) || isPasteIntoText(event.nativeEvent)) return
      event.preventDefault()
      take(event.clipboardData)
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
      if (files !== null && files.length > 0) give(withPaths(files))
      // So that the same files can be chosen a second time.
      event.target.value = ''
    }

    return {
      getRootProps: (props = {}) => ({
        ...(isOpener && { role: 'button', tabIndex: 0 }),
        ...(disabled && { 'aria-disabled': true }),
        ...props,
        onDragEnter: after(props.onDragEnter, onDragOver),
        onDragOver: after(props.onDragOver, onDragOver),
        onDragLeave: after(props.onDragLeave, onDragLeave),
        onDrop: after(props.onDrop, onDrop),
        onPaste: after(props.onPaste, onPaste),
        ...(isOpener && { onKeyDown: after(props.onKeyDown, onKeyDown), onClick: after(props.onClick, onClick) }),
      }),
      getInputProps: (props = {}) => ({
        'aria-hidden': true,
        tabIndex: -1,
        ...props,
        type: 'file',
        hidden: true,
        multiple: multiple || directory,
        disabled,
        ...(accept !== undefined && { accept }),
        ...(directory && { webkitdirectory: '' }),
        ref: input,
        onChange: after(props.onChange, onChange),
        // A click on the input is one on the zone as well, which would open the picker again.
        onClick: after(props.onClick, (event: MouseEvent) => event.stopPropagation()),
      }),
      open,
      isDragActive,
      readingCount,
    }
  }, [accept, multiple, directory, disabled, noClick, noPaste, give, take, open, isDragActive, readingCount])
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

interface Preventable {
  readonly defaultPrevented: boolean
}

/** The page's own handler, then ours, unless that one has prevented it. */
function after<E extends Preventable>(theirs: ((event: never) => void) | undefined, ours: (event: E) => void) {
  return (event: E): void => {
    theirs?.(event as never)
    if (!event.defaultPrevented) ours(event)
  }
}
