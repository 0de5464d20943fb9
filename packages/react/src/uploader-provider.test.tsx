// @vitest-environment happy-dom
import { act, cleanup, render } from '@testing-library/react'
import { Activity, StrictMode, useState } from 'react'
import { hydrateRoot } from 'react-dom/client'
import { renderToString } from 'react-dom/server'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { UploaderProvider, useUploader, useUploadSummary } from './index.js'
import { type ScriptedUploader, scriptedUploader } from './testing/scripted-uploader.js'

const made: ScriptedUploader[] = []
vi.mock('@upload-panel/core', () => ({
  createUploader: () => {
    const uploader = scriptedUploader()
    made.push(uploader)
    return uploader
  },
}))

beforeEach(() => {
  made.length = 0
})
afterEach(cleanup)

const options = {} as never

function Total() {
  return useUploadSummary().total
}

describe('a given uploader', () => {
  it('goes on when the provider is unmounted', async () => {
    const uploader = scriptedUploader()
    const view = render(
      <UploaderProvider uploader={uploader}>
        <Total />
      </UploaderProvider>,
    )
    const [id] = uploader.addFiles(1)
    view.unmount()
    await act(async () => {})
    uploader.progress(id!, 50)
    expect(uploader.isDisposed).toBe(false)
    expect(uploader.items()[0]).toMatchObject({ sentBytes: 50 })
    expect(uploader.listeners).toBe(0)
  })

  it('can be swapped: the hooks follow the new one and let go of the old', async () => {
    const [first, second] = [scriptedUploader(), scriptedUploader()]
    first.addFiles(1)
    second.addFiles(2)
    const view = render(<Total />, { wrapper: ({ children }) => <UploaderProvider uploader={first}>{children}</UploaderProvider> })
    expect(view.container.textContent).toBe('1')
    view.unmount()
    function Swap() {
      const [uploader, setUploader] = useState(first)
      return (
        <UploaderProvider uploader={uploader}>
          <Total />
          <button type="button" onClick={() => setUploader(second)} />
        </UploaderProvider>
      )
    }
    const swapping = render(<Swap />)
    await act(async () => swapping.getByRole('button').click())
    expect(swapping.container.textContent).toBe('2')
    expect(first.listeners).toBe(0)
    expect([first.isDisposed, second.isDisposed]).toEqual([false, false])
  })
})

describe('an uploader of options', () => {
  it('is made once, and disposed of with the provider', async () => {
    const view = render(
      <UploaderProvider options={options}>
        <Total />
      </UploaderProvider>,
    )
    view.rerender(
      <UploaderProvider options={options}>
        <Total />
      </UploaderProvider>,
    )
    await act(async () => {})
    expect(made.map((uploader) => uploader.isDisposed)).toEqual([false])
    view.unmount()
    await act(async () => {})
    expect(made.map((uploader) => uploader.isDisposed)).toEqual([true])
  })

  it("survives StrictMode's double mount", async () => {
    const used = new Set<unknown>()
    function Uses() {
      used.add(useUploader())
      return null
    }
    const view = render(
      <StrictMode>
        <UploaderProvider options={options}>
          <Uses />
        </UploaderProvider>
      </StrictMode>,
    )
    await act(async () => {})
    expect(used.size).toBe(1)
    const [uploader] = used as Set<ScriptedUploader>
    expect(uploader?.isDisposed).toBe(false)
    view.unmount()
    await act(async () => {})
    expect(uploader?.isDisposed).toBe(true)
  })

  it('ends while an <Activity> hides it, and begins anew when it is shown again', async () => {
    const show = (mode: 'visible' | 'hidden') => (
      <Activity mode={mode}>
        <UploaderProvider options={options}>
          <Total />
        </UploaderProvider>
      </Activity>
    )
    const view = render(show('visible'))
    await act(async () => view.rerender(show('hidden')))
    expect(made.map((uploader) => uploader.isDisposed)).toEqual([true])
    await act(async () => view.rerender(show('visible')))
    expect(made.map((uploader) => uploader.isDisposed)).toEqual([true, false])
    await act(async () => void made[1]?.addFiles(3))
    expect(view.container.textContent).toBe('3')
  })
})

it('what a server rendered is hydrated without a mismatch, and then shows what the uploader holds', async () => {
  const reported = vi.spyOn(console, 'error')
  const uploader = scriptedUploader()
  uploader.addFiles(2)
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
