// @vitest-environment happy-dom
import type { UploaderOptions } from '@upload-panel/core'
import { act, cleanup, render } from '@testing-library/react'
import { Activity, StrictMode, useState } from 'react'
import { hydrateRoot } from 'react-dom/client'
import { renderToString } from 'react-dom/server'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { UploaderProvider, useUploader, useUploadSummary } from './index.js'
import { createTestUploader, createTestWorld } from './testing/test-uploader.js'

afterEach(cleanup)

function Total() {
  return useUploadSummary().total
}

describe('a given uploader', () => {
  it('goes on when the provider is unmounted', async () => {
    const { uploader, add, progress, listeners } = createTestUploader()
    const view = render(
      <UploaderProvider uploader={uploader}>
        <Total />
      </UploaderProvider>,
    )
    const [id] = await act(() => add(1))
    view.unmount()
    await act(async () => {})
    progress(id!, 50)
    expect(uploader.items()).toMatchObject([{ phase: 'uploading', sentBytes: 50 }])
    expect(listeners()).toBe(0)
  })

  it('can be swapped: the hooks follow the new one and let go of the old', async () => {
    const [first, second] = [createTestUploader(), createTestUploader()]
    await first.add(1)
    await second.add(2)
    function Swap() {
      const [uploader, setUploader] = useState(first.uploader)
      return (
        <UploaderProvider uploader={uploader}>
          <Total />
          <button type="button" onClick={() => setUploader(second.uploader)} />
        </UploaderProvider>
      )
    }
    const view = render(<Swap />)
    expect(view.container.textContent).toBe('1')
    await act(async () => view.getByRole('button').click())
    expect(view.container.textContent).toBe('2')
    expect(first.listeners()).toBe(0)
    expect(first.uploader.items()).toMatchObject([{ phase: 'uploading' }])
  })
})

describe('an uploader of options', () => {
  /** A provider of such an uploader, how often the world was subscribed to, and how often it was let go of. */
  function own({ jobId }: Pick<UploaderOptions, 'jobId'> = {}) {
    const { options, environment, transport } = createTestWorld()
    const listening = { wake: 0 }
    const counted = {
      ...environment,
      onWake(listener: Parameters<typeof environment.onWake>[0]) {
        listening.wake += 1
        const forget = environment.onWake(listener)
        return () => {
          listening.wake -= 1
          forget()
        }
      },
    }
    const used = new Set<ReturnType<typeof useUploader>>()
    function Uses() {
      used.add(useUploader())
      return <Total />
    }
    const provider = (
      <UploaderProvider options={{ ...options, environment: counted, ...(jobId !== undefined && { jobId }) }}>
        <Uses />
      </UploaderProvider>
    )
    return { provider, used, transport, runs: () => ({ awake: listening.wake, subscribed: transport.topics.length }) }
  }

  it('is made once, and ends with the provider', async () => {
    const { provider, used, runs } = own({ jobId: 'earlier-job' })
    const view = render(provider)
    view.rerender(provider)
    await act(async () => {})
    expect(used.size).toBe(1)
    expect(runs()).toEqual({ awake: 1, subscribed: 1 })
    view.unmount()
    await act(async () => {})
    expect(runs()).toEqual({ awake: 0, subscribed: 0 })
  })

  it("survives StrictMode's double mount, and leaves nothing of the copy that StrictMode throws away", async () => {
    const { provider, used, runs } = own({ jobId: 'earlier-job' })
    const view = render(<StrictMode>{provider}</StrictMode>)
    await act(async () => {})
    expect(used.size).toBe(1)
    expect(runs()).toEqual({ awake: 1, subscribed: 1 })
    await act(async () => void [...used][0]?.add([new File(['x'], 'x.txt')]))
    expect(view.container.textContent).toBe('1')
    view.unmount()
    await act(async () => {})
    expect(runs()).toEqual({ awake: 0, subscribed: 0 })
  })

  it('gives way to a given one, and ends', async () => {
    const { provider, runs } = own({ jobId: 'earlier-job' })
    const given = createTestUploader()
    await given.add(2)
    const view = render(provider)
    await act(async () => {})
    expect(runs()).toEqual({ awake: 1, subscribed: 1 })
    view.rerender(
      <UploaderProvider uploader={given.uploader}>
        <Total />
      </UploaderProvider>,
    )
    await act(async () => {})
    expect(view.container.textContent).toBe('2')
    expect(runs()).toEqual({ awake: 0, subscribed: 0 })
  })

  it('runs nothing on a server', () => {
    const { provider, runs } = own({ jobId: 'earlier-job' })
    expect(renderToString(provider)).toBe('0')
    expect(runs()).toEqual({ awake: 0, subscribed: 0 })
  })

  it.skipIf(Activity === undefined)('ends while an <Activity> hides it, and begins anew when it is shown again', async () => {
    const { provider, used, runs } = own()
    const show = (mode: 'visible' | 'hidden') => <Activity mode={mode}>{provider}</Activity>
    const view = render(show('visible'))
    await act(async () => void [...used][0]?.add([new File(['x'], 'x.txt')]))
    expect(runs()).toEqual({ awake: 1, subscribed: 1 })
    await act(async () => view.rerender(show('hidden')))
    expect(runs()).toEqual({ awake: 0, subscribed: 0 })
    await act(async () => view.rerender(show('visible')))
    await act(async () => void [...used].at(-1)?.add([new File(['x'], 'x.txt'), new File(['y'], 'y.txt')]))
    expect(view.container.textContent).toBe('2')
    expect(used.size).toBe(2)
  })
})

it('what a server rendered is hydrated without a mismatch, and then shows what the uploader holds', async () => {
  const reported = vi.spyOn(console, 'error')
  const { uploader, add } = createTestUploader()
  await add(2)
  const page = (
    <UploaderProvider uploader={uploader}>
      <Total />
    </UploaderProvider>
  )
  const container = document.createElement('div')
  container.innerHTML = renderToString(page)
  expect(container.textContent).toBe('0')
  await act(async () => void hydrateRoot(container, page))
  expect(container.textContent).toBe('2')
  expect(reported).not.toHaveBeenCalled()
  vi.restoreAllMocks()
})
