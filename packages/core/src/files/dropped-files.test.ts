import { describe, expect, it } from 'vitest'
import { readDrop, walkFolders } from './dropped-files.js'

type Tree = { readonly [name: string]: Tree | 'file' | 'locked' }

/** Files that are asked for and not there yet, and how many these ever were. */
let asked = 0
let mostAtOnce = 0

/** Entries as a browser hands them out: at most 100 a call, folders that may refuse. */
function folder(name: string, tree: Tree | 'locked', parent = ''): FileSystemDirectoryEntry {
  const fullPath = `${parent}/${name}`
  const children = tree === 'locked' ? [] : Object.entries(tree).map(([key, value]) => child(key, value, fullPath))
  return {
    isDirectory: true,
    isFile: false,
    name,
    fullPath,
    createReader() {
      let at = 0
      return {
        readEntries(done: (entries: FileSystemEntry[]) => void, failed: (error: DOMException) => void) {
          if (tree === 'locked') return failed(new DOMException('locked', 'NotReadableError'))
          done(children.slice(at, (at += 100)))
        },
      }
    },
  } as unknown as FileSystemDirectoryEntry
}

function child(name: string, value: Tree | 'file' | 'locked', parent: string): FileSystemEntry {
  if (typeof value === 'object' || name.endsWith('/')) return folder(name.replace('/', ''), value as Tree | 'locked', parent)
  return {
    isDirectory: false,
    isFile: true,
    name,
    fullPath: `${parent}/${name}`,
    file(done: (file: File) => void, failed: (error: DOMException) => void) {
      if (value === 'locked') return failed(new DOMException('gone', 'NotFoundError'))
      mostAtOnce = Math.max(mostAtOnce, (asked += 1))
      queueMicrotask(() => {
        asked -= 1
        done(new File(['x'], name))
      })
    },
  } as unknown as FileSystemEntry
}

const walk = (...folders: FileSystemDirectoryEntry[]) => walkFolders(folders, { signal: new AbortController().signal })
const paths = async (...folders: FileSystemDirectoryEntry[]) => (await walk(...folders)).files.map((found) => found.relativePath)

describe('walkFolders', () => {
  it('finds files at every depth with their path below the dropped folder', async () => {
    expect(await paths(folder('trip', { 'a.jpg': 'file', day: { 'b.jpg': 'file', noon: { 'c.jpg': 'file' } } }))).toEqual([
      'trip/a.jpg',
      'trip/day/b.jpg',
      'trip/day/noon/c.jpg',
    ])
  })

  it('reads on until a folder has no more, beyond the hundred entries of one call', async () => {
    const many = Object.fromEntries(Array.from({ length: 250 }, (_, index) => [`${index}.txt`, 'file' as const]))
    expect((await walk(folder('many', many))).files).toHaveLength(250)
  })

  it('asks for few files at a time, and has all of ten thousand in their order', async () => {
    const names = Array.from({ length: 10_000 }, (_, index) => `${index}.txt`)
    const found = await paths(folder('many', Object.fromEntries(names.map((name) => [name, 'file' as const]))))
    expect(found).toEqual(names.map((name) => `many/${name}`))
    expect(mostAtOnce).toBe(100)
  })

  it('keeps the natural order of names', async () => {
    expect(await paths(folder('scans', { 'p10.png': 'file', 'p2.png': 'file', 'p1.png': 'file' }))).toEqual([
      'scans/p1.png',
      'scans/p2.png',
      'scans/p10.png',
    ])
  })

  it('passes over what cannot be read and names it', async () => {
    const found = await walk(folder('mixed', { 'a.txt': 'file', 'gone.txt': 'locked', 'closed/': 'locked' }))
    expect(found.files.map((file) => file.relativePath)).toEqual(['mixed/a.txt'])
    expect(found.unreadable).toEqual(['mixed/closed', 'mixed/gone.txt'])
  })

  it('finds nothing in an empty folder', async () => {
    expect(await walk(folder('empty', {}))).toEqual({ files: [], unreadable: [] })
  })

  it('stops when it is aborted', async () => {
    const controller = new AbortController()
    const walking = walkFolders([folder('a', { b: { 'c.txt': 'file' } })], { signal: controller.signal })
    controller.abort()
    await expect(walking).rejects.toBe(controller.signal.reason)
  })

  it('tells how many files it has found so far', async () => {
    const counts: number[] = []
    const options = { signal: new AbortController().signal, onFound: (count: number) => counts.push(count) }
    await walkFolders([folder('a', { '1.txt': 'file', b: { '2.txt': 'file' } })], options)
    expect(counts).toEqual([2, 2])
  })
})

describe('readDrop', () => {
  const fileItem = (file: File) => ({ kind: 'file', getAsFile: () => file, webkitGetAsEntry: () => ({ isFile: true, isDirectory: false }) })

  it('separates files from folders and leaves dragged text aside', () => {
    const file = new File(['x'], 'a.txt')
    const entry = folder('trip', {})
    const items = [fileItem(file), { kind: 'file', getAsFile: () => null, webkitGetAsEntry: () => entry }, { kind: 'string' }]
    expect(readDrop({ items, files: [] } as unknown as DataTransfer)).toEqual({ files: [file], folders: [entry] })
  })

  it('falls back to the list of files where entries are not known', () => {
    const file = new File(['x'], 'a.txt')
    expect(readDrop({ items: [], files: [file] } as unknown as DataTransfer)).toEqual({ files: [file], folders: [] })
    expect(readDrop({ items: [{ kind: 'file', getAsFile: () => file }], files: [] } as unknown as DataTransfer).files).toEqual([file])
  })
})
