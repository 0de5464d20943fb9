// @vitest-environment happy-dom
import type { Uploader, UploadItem } from '@upload-panel/core'
import { act, cleanup, render, renderHook } from '@testing-library/react'
import { type ReactNode, StrictMode } from 'react'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { UploaderProvider, useUploader, useUploadIds, useUploadItem, useUploadItems, useUploadSummary } from './index.js'
import { countingPage } from './testing/progress-stream.js'
import { createTestUploader } from './testing/test-uploader.js'

afterEach(cleanup)

function within(uploader: Uploader) {
  return { wrapper: ({ children }: { children: ReactNode }) => <UploaderProvider uploader={uploader}>{children}</UploaderProvider> }
}

/** A hook in a component, and how often it rendered since it was last asked. */
function renderCounted<T>(uploader: Uploader, hook: () => T) {
  let renders = 0
  const view = renderHook(() => {
    renders += 1
    return hook()
  }, within(uploader))
  return {
    ...view,
    takeRenders() {
      const taken = renders
      renders = 0
      return taken
    },
  }
}

describe('useUploader', () => {
  it('gives the uploader of the provider', () => {
    const { uploader } = createTestUploader()
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
    const { uploader, add } = createTestUploader()
    await add(3)
    const hook = renderHook(() => useUploadItems(), within(uploader))
    const before = hook.result.current
    hook.rerender()
    expect(hook.result.current).toBe(before)
    expect(before).toHaveLength(3)
  })

  it('shows what was added, changed and removed', async () => {
    const { uploader, add, progress } = createTestUploader()
    const hook = renderHook(() => useUploadItems(), within(uploader))
    expect(hook.result.current).toEqual([])
    const [first, second] = await act(() => add(2))
    act(() => progress(second!, 40))
    expect(hook.result.current).toMatchObject([
      { id: first, phase: 'uploading', sentBytes: 0 },
      { id: second, phase: 'uploading', sentBytes: 40 },
    ])
    await act(async () => {
      uploader.remove(first!)
      progress(second!, 41)
    })
    expect(hook.result.current.map((item) => item.id)).toEqual([second])
  })

  it("shows what the server says of an item's stage, which no total knows", async () => {
    const { uploader, add, say } = createTestUploader()
    const [id] = await add(1)
    const hook = renderHook(() => useUploadItems(), within(uploader))
    act(() => say(id!, 'scanning'))
    expect(hook.result.current[0]?.server?.stage).toBe('scanning')
  })

  it('renders once for all items that changed before one paint', async () => {
    const { uploader, add, progress } = createTestUploader()
    const ids = await add(50)
    const hook = renderCounted(uploader, () => useUploadItems())
    hook.takeRenders()
    act(() => {
      for (const id of ids) uploader.pause(id)
      progress(ids[0]!, 0)
    })
    expect(hook.takeRenders()).toBe(1)
    expect(hook.result.current.every((item) => item.paused)).toBe(true)
  })

  it('keeps what a filter says, and does not render for the others, even when the filter is inline', async () => {
    const { uploader, add, progress } = createTestUploader()
    const [first, second] = await add(2)
    const hook = renderCounted(uploader, () => useUploadItems({ filter: (item) => item.id === second }))
    hook.takeRenders()
    const before = hook.result.current
    act(() => progress(first!, 20))
    expect(hook.takeRenders()).toBe(0)
    hook.rerender()
    expect(hook.result.current).toBe(before)
    act(() => progress(second!, 20))
    expect(hook.result.current).toMatchObject([{ id: second, sentBytes: 20 }])
  })

  it('follows a filter that changed', async () => {
    const { uploader, add } = createTestUploader()
    await add(3)
    const hook = renderHook(({ name }) => useUploadItems({ filter: (item) => item.name === name }), {
      ...within(uploader),
      initialProps: { name: '1.txt' },
    })
    hook.rerender({ name: '3.txt' })
    expect(hook.result.current.map((item) => item.name)).toEqual(['3.txt'])
  })

  it('sees what changed between its first render and its subscription', async () => {
    const { uploader } = createTestUploader()
    function AddsWhileRendering() {
      if (uploader.items().length === 0) queueMicrotask(() => uploader.add([new File([], 'late.txt')]))
      return useUploadItems().length
    }
    const container = document.createElement('div')
    await act(async () => void render(<AddsWhileRendering />, { ...within(uploader), container }))
    expect(container.textContent).toBe('1')
  })

  it('listens to as many stores with fifty items as with one, and lets go of them', async () => {
    const { uploader, add, listeners } = createTestUploader()
    await add(50)
    const hook = renderHook(() => useUploadItems(), within(uploader))
    expect(listeners()).toBe(1)
    hook.unmount()
    expect(listeners()).toBe(0)
  })
})

describe('useUploadIds', () => {
  it('renders for what comes, goes and moves, and not for progress', async () => {
    const { uploader, add, progress } = createTestUploader()
    const [first, second] = await add(2)
    const hook = renderCounted(uploader, () => useUploadIds())
    hook.takeRenders()
    act(() => progress(first!, 10))
    expect(hook.takeRenders()).toBe(0)
    const [third] = await act(() => add(1))
    expect(hook.result.current).toEqual([first, second, third])
    act(() => {
      uploader.move(third!, 0)
      progress(first!, 20)
    })
    expect(hook.result.current).toEqual([third, first, second])
  })
})

describe('useUploadItem', () => {
  it('follows one item, and answers nothing for an id that is not there', async () => {
    const { uploader, add, progress } = createTestUploader()
    const [id] = await add(1)
    const hook = renderHook((props) => useUploadItem(props.id), { ...within(uploader), initialProps: { id: id! } })
    act(() => progress(id!, 55))
    expect(hook.result.current).toMatchObject({ phase: 'uploading', sentBytes: 55 })
    hook.rerender({ id: 'no such item' })
    expect(hook.result.current).toBeUndefined()
  })

  it("renders one row of a thousand for one file's progress", async () => {
    const { page, play, running } = await countingPage(createTestUploader())
    const view = render(page)
    const { rendered, shown } = await play([[50]], (change) => act(change))
    expect(rendered).toEqual({ page: 0, list: 0, totals: 1, rows: { [running[50]!]: 1 } })
    expect(view.container.querySelectorAll('li')[50]?.textContent).toBe(shown[50])
  })
})

describe('useUploadSummary', () => {
  it('follows the totals', async () => {
    const { uploader, add, progress } = createTestUploader()
    const hook = renderHook(() => useUploadSummary(), within(uploader))
    expect(hook.result.current.total).toBe(0)
    const [id] = await act(() => add(4))
    act(() => progress(id!, 100))
    expect(hook.result.current).toMatchObject({ total: 4, active: 4, totalBytes: 400, sentBytes: 100, fraction: 0.25 })
  })
})

describe('under StrictMode', () => {
  it('every hook follows its store, and lets go of it', async () => {
    const { uploader, add, progress, listeners } = createTestUploader()
    const [id] = await add(1)
    function All() {
      const [first] = useUploadItems()
      return `${useUploadIds().length} ${useUploadSummary().sentBytes} ${sent(useUploadItem(id!))} ${sent(first)}`
    }
    const view = render(
      <StrictMode>
        <All />
      </StrictMode>,
      within(uploader),
    )
    act(() => progress(id!, 7))
    expect(view.container.textContent).toBe('1 7 7 7')
    view.unmount()
    expect(listeners()).toBe(0)
  })
})

function sent(item: UploadItem | undefined): number | undefined {
  return item?.phase === 'uploading' ? item.sentBytes : undefined
}
