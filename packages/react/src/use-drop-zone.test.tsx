// @vitest-environment happy-dom
import { act, cleanup, createEvent, fireEvent, render, screen } from '@testing-library/react'
import type { AddInput, FileWithPath } from '@upload-panel/core'
import { type ReactNode, StrictMode } from 'react'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { UploaderProvider, useDropZone, type UseDropZoneOptions } from './index.js'
import { createTestUploader } from './testing/test-uploader.js'

afterEach(cleanup)

function Zone({ children, ...options }: UseDropZoneOptions & { readonly children?: ReactNode }) {
  const { getRootProps, getInputProps, isDragActive, readingCount } = useDropZone(options)
  return (
    <div {...getRootProps({ 'aria-label': 'Add files' })} data-testid="zone">
      <input {...getInputProps()} data-testid="input" />
      <output>{readingCount ?? (isDragActive ? 'over' : 'idle')}</output>
      {children}
    </div>
  )
}

const zone = () => screen.getByTestId('zone')
const state = () => screen.getByRole('status').textContent
const file = (name: string) => new File(['content'], name)

/** What a drag carries. Files are secret until it is let go. */
function transfer(files: readonly File[], entries: readonly object[] = [], types = ['Files']) {
  const items = [
    ...files.map((one) => ({ kind: 'file', getAsFile: () => one })),
    ...entries.map((entry) => ({ kind: 'file', webkitGetAsEntry: () => entry })),
  ]
  return { types, files, items, effectAllowed: 'all', dropEffect: 'none' }
}

/** Dispatches a drag or a paste, and answers whether it was taken. */
function send(
  type: 'dragOver' | 'dragLeave' | 'drop' | 'paste',
  carried: object,
  place: { clientX?: number; clientY?: number } = {},
): boolean {
  const event = createEvent[type](zone(), { bubbles: true, cancelable: true })
  Object.defineProperty(event, type === 'paste' ? 'clipboardData' : 'dataTransfer', { value: carried })
  for (const [name, value] of Object.entries(place)) Object.defineProperty(event, name, { value })
  fireEvent(zone(), event)
  return event.defaultPrevented
}

function names(files: AddInput): readonly string[] {
  return Array.from(files as ArrayLike<File | FileWithPath>, (one) =>
    one instanceof File ? one.name : (one.relativePath ?? one.file.name),
  )
}

describe('useDropZone', () => {
  it('gives dropped files to the uploader of the provider', () => {
    const { uploader } = createTestUploader()
    render(
      <UploaderProvider uploader={uploader}>
        <Zone />
      </UploaderProvider>,
    )
    const carried = transfer([file('a.txt'), file('b.txt')])
    expect(send('dragOver', carried)).toBe(true)
    expect([state(), carried.dropEffect]).toEqual(['over', 'copy'])
    expect(send('drop', carried)).toBe(true)
    expect(state()).toBe('idle')
    expect(uploader.items().map(({ name }) => name)).toEqual(['a.txt', 'b.txt'])
  })

  it('leaves alone what is no file', () => {
    const onFiles = vi.fn()
    render(<Zone onFiles={onFiles} />)
    const carried = transfer([], [], ['text/plain'])
    expect([send('dragOver', carried), send('drop', carried), send('paste', carried)]).toEqual([false, false, false])
    expect([state(), onFiles.mock.calls]).toEqual(['idle', []])
  })

  it('walks folders, says how far it is, and names what it could not read', async () => {
    const given: (readonly string[])[] = []
    const onUnreadable = vi.fn()
    const leaf = (name: string, isReadable = true) => ({
      isFile: true,
      isDirectory: false,
      name,
      fullPath: `/album/${name}`,
      file: (resolve: (found: File) => void, reject: () => void) => (isReadable ? resolve(file(name)) : reject()),
    })
    const pages = [[leaf('2.jpg'), leaf('10.jpg'), leaf('locked.jpg', false)], []]
    const album = {
      isFile: false,
      isDirectory: true,
      name: 'album',
      fullPath: '/album',
      createReader: () => ({ readEntries: (resolve: (entries: readonly object[]) => void) => resolve(pages.shift() ?? []) }),
    }
    render(<Zone onFiles={(files) => given.push(names(files))} onUnreadable={onUnreadable} />, { wrapper: StrictMode })
    send('drop', transfer([file('single.txt')], [album]))
    expect([given, state()]).toEqual([[['single.txt']], '0'])
    await act(async () => {
      for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
    })
    expect(given[1]).toEqual(['album/2.jpg', 'album/10.jpg'])
    expect([onUnreadable.mock.calls, state()]).toEqual([[[['album/locked.jpg']]], 'idle'])
  })

  it('takes pasted files, but none that are meant for a text field', () => {
    const onFiles = vi.fn()
    const { rerender } = render(<Zone onFiles={onFiles} />)
    expect(send('paste', transfer([file('a.png')]))).toBe(true)
    rerender(<Zone onFiles={onFiles} noPaste />)
    expect(send('paste', transfer([file('b.png')]))).toBe(false)
    expect(onFiles).toHaveBeenCalledTimes(1)
  })

  it('opens the picker by click and by key, and not by what can be pressed in it', () => {
    render(
      <Zone>
        <button type="button">Other</button>
      </Zone>,
    )
    const picker = vi.spyOn(screen.getByTestId<HTMLInputElement>('input'), 'click').mockImplementation(() => {})
    fireEvent.click(zone())
    for (const key of ['Enter', ' ', 'a']) fireEvent.keyDown(zone(), { key })
    expect(picker).toHaveBeenCalledTimes(3)
    fireEvent.click(screen.getByText('Other'))
    fireEvent.keyDown(screen.getByText('Other'), { key: 'Enter', bubbles: true })
    expect(picker).toHaveBeenCalledTimes(3)
    expect([zone().getAttribute('role'), zone().tabIndex]).toEqual(['button', 0])
  })

  it('gives chosen files, the same ones a second time as well, and folders with their paths', () => {
    const given: (readonly string[])[] = []
    render(<Zone onFiles={(files) => given.push(names(files))} accept="image/*" directory />)
    const input = screen.getByTestId<HTMLInputElement>('input')
    expect([input.accept, input.multiple, input.hasAttribute('webkitdirectory')]).toEqual(['image/*', true, true])
    const chosen = file('a.png')
    Object.defineProperty(chosen, 'webkitRelativePath', { value: 'album/a.png' })
    for (let time = 0; time < 2; time += 1) fireEvent.change(input, { target: { files: [chosen] } })
    expect(given).toEqual([['album/a.png'], ['album/a.png']])
  })

  it('swallows a drop while it is disabled: the browser would leave the page to show the file', () => {
    const onFiles = vi.fn()
    render(<Zone onFiles={onFiles} disabled />)
    const carried = transfer([file('a.txt')])
    expect([send('dragOver', carried), carried.dropEffect, state(), send('drop', carried)]).toEqual([true, 'none', 'idle', true])
    expect([onFiles.mock.calls, zone().getAttribute('aria-disabled'), zone().getAttribute('role')]).toEqual([[], 'true', null])
  })

  it('stays as it is while a drag crosses what is in it', () => {
    render(<Zone onFiles={() => {}} />)
    vi.spyOn(zone(), 'getBoundingClientRect').mockReturnValue(DOMRect.fromRect({ x: 0, y: 0, width: 100, height: 100 }))
    const carried = transfer([file('a.txt')])
    send('dragOver', carried)
    send('dragLeave', carried, { clientX: 50, clientY: 50 })
    expect(state()).toBe('over')
    send('dragLeave', carried, { clientX: 150, clientY: 50 })
    expect(state()).toBe('idle')
  })

  it('says what to do where files have nowhere to go', () => {
    const errors: unknown[] = []
    const note = (event: ErrorEvent) => (errors.push(event.error), event.preventDefault())
    window.addEventListener('error', note)
    vi.spyOn(console, 'error').mockImplementation(() => {})
    render(<Zone />)
    try {
      send('drop', transfer([file('a.txt')]))
    } catch (error) {
      // React 18 throws what a handler has thrown once more.
      errors.push(error)
    }
    expect(String(errors[0])).toContain('no uploader, nor onFiles, here')
    window.removeEventListener('error', note)
    vi.restoreAllMocks()
  })
})
