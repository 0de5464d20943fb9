// @vitest-environment happy-dom
import { act, cleanup, render, screen } from '@testing-library/react'
import { lazy, startTransition, Suspense, useState } from 'react'
import { afterEach, describe, expect, it } from 'vitest'
import { UploaderProvider, useUploadItem, useUploadSummary } from './index.js'
import { createTestUploader } from './testing/test-uploader.js'

afterEach(cleanup)

describe('while React renders concurrently', () => {
  it('components that show the same store never show two states of it', async () => {
    const { uploader, add } = createTestUploader()
    let show = (_count: number): void => {}
    let rendered = 0
    /** As slow as a real page: React yields between them, and the store changes meanwhile. */
    function Total() {
      const { total } = useUploadSummary()
      rendered += 1
      const end = performance.now() + 2
      while (performance.now() < end);
      return <li>{total}</li>
    }
    function Page() {
      const [count, setCount] = useState(0)
      show = setCount
      return (
        <ul>
          {Array.from({ length: count }, (_, index) => (
            <Total key={index} />
          ))}
        </ul>
      )
    }
    await add(1)
    render(
      <UploaderProvider uploader={uploader}>
        <Page />
      </UploaderProvider>,
    )
    const { IS_REACT_ACT_ENVIRONMENT: before } = globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }
    Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: false })
    try {
      startTransition(() => show(40))
      // In the middle of the transition: some have rendered, none of them is on the page.
      while (rendered === 0) await new Promise((resolve) => setTimeout(resolve))
      expect([rendered < 40, screen.queryAllByRole('listitem')]).toEqual([true, []])
      await add(1)
      while (screen.queryAllByRole('listitem').length < 40) await new Promise((resolve) => setTimeout(resolve))
      expect(new Set(screen.getAllByRole('listitem').map(({ textContent }) => textContent))).toEqual(new Set(['2']))
    } finally {
      Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: before })
    }
  })

  it('a part that waits for its code shows the present state when it has come', async () => {
    const { uploader, add, progress } = createTestUploader()
    const [id = ''] = await add(1)
    function Row() {
      const item = useUploadItem(id)
      return <p>{item?.phase === 'uploading' ? item.sentBytes : item?.phase}</p>
    }
    let load = (_module: { default: typeof Row }): void => {}
    const Late = lazy(() => new Promise<{ default: typeof Row }>((resolve) => (load = resolve)))
    render(
      <UploaderProvider uploader={uploader}>
        <Suspense fallback="waiting">
          <Late />
        </Suspense>
      </UploaderProvider>,
    )
    expect(screen.getByText('waiting')).toBeTruthy()
    act(() => progress(id, 40))
    await act(async () => load({ default: Row }))
    expect(screen.getByText('40')).toBeTruthy()
    act(() => progress(id, 60))
    expect(screen.getByText('60')).toBeTruthy()
  })
})
