import type { AddInput, FileWithPath } from '../uploader.js'

/** What a drop brought. Must be read inside the event: afterwards the browser takes the entries away. */
export interface Dropped {
  readonly files: readonly File[]
  /** Folders, still to be walked. */
  readonly folders: readonly FileSystemDirectoryEntry[]
}

/** Files that were found below folders, in natural order, and the paths of what could not be read. */
export interface Walked {
  readonly files: readonly FileWithPath[]
  readonly unreadable: readonly string[]
}

export interface WalkOptions {
  readonly signal: AbortSignal
  /** Told after each read with the number of files found so far. */
  readonly onFound?: (count: number) => void
}

/** Separates the files of a drop from its folders. */
export function readDrop(transfer: DataTransfer): Dropped {
  const files: File[] = []
  const folders: FileSystemDirectoryEntry[] = []
  for (const item of Array.from(transfer.items)) {
    if (item.kind !== 'file') continue
    const entry = item.webkitGetAsEntry?.()
    if (isDirectory(entry)) {
      folders.push(entry)
      continue
    }
    const file = item.getAsFile()
    if (file) files.push(file)
  }
  // Older engines leave `items` empty, and scripted drops may fill `files` alone.
  return files.length === 0 && folders.length === 0 ? { files: Array.from(transfer.files), folders } : { files, folders }
}

/** All files below folders. One that cannot be read is named and passed over: it must not cost the others. Rejects only with the signal's reason. */
export async function walkFolders(folders: readonly FileSystemDirectoryEntry[], { signal, onFound }: WalkOptions): Promise<Walked> {
  const files: FileWithPath[] = []
  const unreadable: string[] = []

  const walk = async (folder: FileSystemDirectoryEntry): Promise<void> => {
    const entries: FileSystemEntry[] = []
    try {
      await readEntries(folder, entries, signal)
    } catch {
      signal.throwIfAborted()
      unreadable.push(pathOf(folder))
    }
    entries.sort(byName)
    const opened = await openAll(entries, signal)
    for (const [index, entry] of entries.entries()) {
      signal.throwIfAborted()
      if (isDirectory(entry)) {
        await walk(entry)
        continue
      }
      const file = opened[index]
      if (file) files.push({ file, relativePath: pathOf(entry) })
      else unreadable.push(pathOf(entry))
    }
    onFound?.(files.length)
  }

  for (const folder of folders) await walk(folder)
  return { files, unreadable }
}

export interface TakeOptions {
  /** Whoever takes them has gone: folders are read no further. */
  readonly signal: AbortSignal
  /** Inside the call for the files of a drop, later for those of its folders. */
  readonly onFiles: (files: AddInput) => void
  /** Paths below a folder that could not be read. */
  readonly onUnreadable: (paths: readonly string[]) => void
  /** How many files were found so far while folders are read; `undefined` when they have been. */
  readonly onReading: (count: number | undefined) => void
}

/** Takes what a drop or a paste brought. To be called inside the event. */
export function takeDropped(transfer: DataTransfer, { signal, onFiles, onUnreadable, onReading }: TakeOptions): void {
  const { files, folders } = readDrop(transfer)
  if (files.length > 0) onFiles(files)
  if (folders.length === 0) return
  const tell = (count: number | undefined) => {
    if (!signal.aborted) onReading(count)
  }
  tell(0)
  void walkFolders(folders, { signal, onFound: tell })
    .then((walked) => {
      if (signal.aborted) return
      tell(undefined)
      if (walked.files.length > 0) onFiles(walked.files)
      if (walked.unreadable.length > 0) onUnreadable(walked.unreadable)
    })
    .catch((error: unknown) => {
      if (!signal.aborted) throw error
    })
}

/** Files of a folder picker, each with its path below the chosen folder. */
export function withPaths(files: Iterable<File>): readonly (File | FileWithPath)[] {
  return Array.from(files, (file) => (file.webkitRelativePath ? { file, relativePath: file.webkitRelativePath } : file))
}

const naturalOrder = new Intl.Collator(undefined, { numeric: true })

function byName(a: FileSystemEntry, b: FileSystemEntry): number {
  return naturalOrder.compare(a.name, b.name)
}

function isDirectory(entry: FileSystemEntry | null | undefined): entry is FileSystemDirectoryEntry {
  return entry?.isDirectory === true
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile
}

function pathOf(entry: FileSystemEntry): string {
  return entry.fullPath.replace(/^\//, '')
}

/** Chromium answers at most 100 entries a call: a folder has ended only when a call answers none. */
async function readEntries(folder: FileSystemDirectoryEntry, into: FileSystemEntry[], signal: AbortSignal): Promise<void> {
  const reader = folder.createReader()
  for (;;) {
    signal.throwIfAborted()
    const entries = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
    if (entries.length === 0) return
    into.push(...entries)
  }
}

/** How many files are asked for at once: each is a question to the browser's own process. */
const OPENED_AT_ONCE = 100

/** The files among entries, in the same order; `undefined` for a folder, and for a file that cannot be had. */
async function openAll(entries: readonly FileSystemEntry[], signal: AbortSignal): Promise<readonly (File | undefined)[]> {
  const opened: (File | undefined)[] = []
  while (opened.length < entries.length) {
    signal.throwIfAborted()
    const next = entries.slice(opened.length, opened.length + OPENED_AT_ONCE)
    opened.push(...(await Promise.all(next.map((entry) => (isFile(entry) ? open(entry) : undefined)))))
  }
  return opened
}

function open(entry: FileSystemFileEntry): Promise<File | undefined> {
  return new Promise((resolve) => entry.file(resolve, () => resolve(undefined)))
}
