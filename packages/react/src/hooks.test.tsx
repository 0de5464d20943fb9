// @vitest-environment happy-dom
import type { UploadItem } from '@upload-panel/core'
import { act, cleanup, render, renderHook } from '@testing-library/react'
import { memo, type ReactNode, StrictMode } from 'react'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { UploaderProvider, useUploader, useUploadIds, useUploadItem, useUploadItems, useUploadSummary } from './index.js'
import { type ScriptedUploader, scriptedUploader } from './testing/scripted-uploader.js'

afterEach(cleanup)

function within(uploader: ScriptedUploader) {
  return { wrapper: ({ children }: { children: ReactNode }) => <UploaderProvider uploader={uploader}>{children}</UploaderProvider> }
}

/** Lets everything that was told so far reach the components. */
const told = (change: () => void) => act(async () => change())

describe('useUploader', () => {
  it('gives the uploader of the provider', () => {
    const uploader = scriptedUploader()
    expect(renderHook(() => useUploader(), within(uploader)).result.current).toBe(uploader)
  })

  it('says what to do where there is no provider', () => {
    vi.spyOn(console, 'error').mockImplementation(() => {})
    expect(() => renderHook(() => useUploader())).toThrow(/Put <UploaderProvider/)
    vi.restoreAllMocks()
  })
})

describe('useUploadItems', () => {
  it('answers the same array while nothing changed, whatever renders', async () => {
    const uploader = scriptedUploader()
    uploader.addFiles(3)
    const hook = renderHook(() => useUploadItems(), within(uploader))
    const before = hook.result.current
    hook.rerender()
    expect(hook.result.current).toBe(before)
    expect(before).toHaveLength(3)
  })

  it('shows what was added, changed and removed', async () => {
    const uploader = scriptedUploader()
    const hook = renderHook(() => useUploadItems(), within(uploader))
    expect(hook.result.current).toEqual([])
    await told(() => uploader.addFiles(2))
    await told(() => uploader.progress('item-2', 40))
    expect(hook.result.current.map((item) => [item.id, item.phase])).toEqual([
      ['item-1', 'queued'],
      ['item-2', 'uploading'],
    ])
    await told(() => uploader.remove('item-1'))
    expect(hook.result.current.map((item) => item.id)).toEqual(['item-2'])
  })

  it('renders once for all items that changed together', async () => {
    const uploader = scriptedUploader()
    const ids = uploader.addFiles(100)
    let renders = 0
    renderHook(() => {
      renders += 1
      return useUploadItems()
    }, within(uploader))
    renders = 0
    await told(() => {
      for (const id of ids) uploader.progress(id, 10)
    })
    expect(renders).toBe(1)
  })

  it('keeps what a filter says, and does not render for the others, even when the filter is inline', async () => {
    const uploader = scriptedUploader()
    uploader.addFiles(3)
    let renders = 0
    const hook = renderHook(() => {
      renders += 1
      return useUploadItems({ filter: (item) => item.phase === 'queued' })
    }, within(uploader))
    expect(hook.result.current).toHaveLength(3)
    await told(() => uploader.progress('item-1', 10))
    const before = hook.result.current
    expect(before).toHaveLength(2)
    renders = 0
    await told(() => uploader.progress('item-1', 20))
    expect(renders).toBe(0)
    hook.rerender()
    expect(hook.result.current).toBe(before)
  })

  it('follows a filter that changed', () => {
    const uploader = scriptedUploader()
    uploader.addFiles(3)
    const hook = renderHook(({ id }) => useUploadItems({ filter: (item) => item.id === id }), {
      ...within(uploader),
      initialProps: { id: 'item-1' },
    })
    hook.rerender({ id: 'item-3' })
    expect(hook.result.current.map((item) => item.id)).toEqual(['item-3'])
  })

  it('sees what changed between its first render and its subscription', async () => {
    const uploader = scriptedUploader()
    function AddsWhileRendering() {
      if (uploader.items().length === 0) queueMicrotask(() => uploader.addFiles(1))
      return useUploadItems().length
    }
    const container = document.createElement('div')
    await act(async () => void render(<AddsWhileRendering />, { ...within(uploader), container }))
    expect(container.textContent).toBe('1')
  })

  it('listens to as many stores with fifty items as with one, and lets go of them', async () => {
    const uploader = scriptedUploader()
    uploader.addFiles(50)
    const hook = renderHook(() => useUploadItems(), within(uploader))
    expect(uploader.listeners).toBe(2)
    await told(() => uploader.progress('item-7', 7))
    expect(hook.result.current[6]).toMatchObject({ sentBytes: 7 })
    hook.unmount()
    expect(uploader.listeners).toBe(0)
  })
})

describe('useUploadIds', () => {
  it('renders for what comes and goes, and not for progress', async () => {
    const uploader = scriptedUploader()
    uploader.addFiles(2)
    let renders = 0
    const hook = renderHook(() => {
      renders += 1
      return useUploadIds()
    }, within(uploader))
    renders = 0
    await told(() => uploader.progress('item-1', 10))
    expect(renders).toBe(0)
    await told(() => uploader.addFiles(1))
    expect(hook.result.current).toEqual(['item-1', 'item-2', 'item-3'])
  })
})

describe('useUploadItem', () => {
  it('follows one item, and nothing for an id that is not there', async () => {
    const uploader = scriptedUploader()
    uploader.addFiles(1)
    const hook = renderHook(({ id }) => useUploadItem(id), { ...within(uploader), initialProps: { id: 'item-1' } })
    await told(() => uploader.progress('item-1', 55))
    expect(hook.result.current).toMatchObject({ phase: 'uploading', sentBytes: 55 })
    hook.rerender({ id: 'item-9' })
    expect(hook.result.current).toBeUndefined()
  })

  it("renders one row of a thousand for one file's progress", async () => {
    const uploader = scriptedUploader()
    uploader.addFiles(1000)
    const renders = { list: 0, rows: new Map<string, number>() }
    const Row = memo(function Row({ id }: { id: string }) {
      renders.rows.set(id, (renders.rows.get(id) ?? 0) + 1)
      return <li>{describeItem(useUploadItem(id))}</li>
    })
    function List() {
      renders.list += 1
      return (
        <ul>
          {useUploadIds().map((id) => (
            <Row key={id} id={id} />
          ))}
        </ul>
      )
    }
    const view = render(<List />, within(uploader))
    renders.list = 0
    renders.rows.clear()
    await told(() => uploader.progress('item-500', 99))
    expect(renders).toEqual({ list: 0, rows: new Map([['item-500', 1]]) })
    expect(view.container.querySelectorAll('li')[499]?.textContent).toBe('item-500 uploading')
  })
})

describe('useUploadSummary', () => {
  it('follows the totals', async () => {
    const uploader = scriptedUploader()
    const hook = renderHook(() => useUploadSummary(), within(uploader))
    await told(() => uploader.addFiles(4))
    expect(hook.result.current.total).toBe(4)
  })
})

describe('under StrictMode', () => {
  it('every hook follows its store, and lets go of it', async () => {
    const uploader = scriptedUploader()
    uploader.addFiles(1)
    function All() {
      const [first] = useUploadItems()
      return `${useUploadIds().length} ${useUploadSummary().total} ${describeItem(useUploadItem('item-1'))} ${describeItem(first)}`
    }
    const view = render(
      <StrictMode>
        <All />
      </StrictMode>,
      within(uploader),
    )
    await told(() => uploader.progress('item-1', 1))
    expect(view.container.textContent).toBe('1 1 item-1 uploading item-1 uploading')
    view.unmount()
    expect(uploader.listeners).toBe(0)
  })
})

function describeItem(item: UploadItem | undefined): string {
  return item === undefined ? 'none' : `${item.id} ${item.phase}`
}
