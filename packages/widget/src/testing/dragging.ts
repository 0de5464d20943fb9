/** Files as a mouse brings them: folders only through entries, as no script can make them. */
export function dragging(files: readonly File[], folders: readonly object[] = []): DataTransfer {
  const transfer = new DataTransfer()
  for (const file of files) transfer.items.add(file)
  if (folders.length === 0) return transfer
  const items = [
    ...files.map((file) => ({ kind: 'file', getAsFile: () => file, webkitGetAsEntry: () => null })),
    ...folders.map((entry) => ({ kind: 'file', getAsFile: () => null, webkitGetAsEntry: () => entry })),
  ]
  return { types: ['Files'], items, files: transfer.files, dropEffect: 'none' } as unknown as DataTransfer
}

/** Tells a target of a drag, as an engine does. */
export function drag(type: string, target: EventTarget, dataTransfer: DataTransfer, init: MouseEventInit = {}): DragEvent {
  const event = new DragEvent(type, { bubbles: true, composed: true, cancelable: true, ...init })
  // The constructor takes real DataTransfers only.
  Object.defineProperty(event, 'dataTransfer', { value: dataTransfer })
  target.dispatchEvent(event)
  return event
}

/** A file below a dropped folder. */
export function fileEntry(name: string, parent: string): object {
  return {
    isFile: true,
    isDirectory: false,
    name,
    fullPath: `${parent}/${name}`,
    file: (done: (file: File) => void) => done(new File(['x'], name)),
  }
}

/** A folder of which the engine hands out at most 100 entries a call. */
export function folderEntry(name: string, files: readonly string[]): object {
  const entries = files.map((file) => fileEntry(file, `/${name}`))
  const createReader = () => {
    let at = 0
    return { readEntries: (done: (entries: readonly object[]) => void) => done(entries.slice(at, (at += 100))) }
  }
  return { isFile: false, isDirectory: true, name, fullPath: `/${name}`, createReader }
}

/** Files, and text where there is some, as a paste brings them. */
export function paste(target: EventTarget, files: readonly File[], text?: string): ClipboardEvent {
  const event = new ClipboardEvent('paste', { bubbles: true, composed: true, cancelable: true })
  const transfer = dragging(files)
  if (text !== undefined) transfer.setData('text/plain', text)
  Object.defineProperty(event, 'clipboardData', { value: transfer })
  target.dispatchEvent(event)
  return event
}
