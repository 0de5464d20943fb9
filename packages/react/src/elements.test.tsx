// @vitest-environment happy-dom
import { act, cleanup, render } from '@testing-library/react'
import type { SyncStatus as SyncStatusElement } from '@upload-panel/widget/sync-status'
import type { UploadDropzone as UploadDropzoneElement } from '@upload-panel/widget/upload-dropzone'
import type { UploadProgress as UploadProgressElement } from '@upload-panel/widget/upload-progress'
import type { UploadQueue as UploadQueueElement } from '@upload-panel/widget/upload-queue'
import { createRef } from 'react'
import { renderToString } from 'react-dom/server'
import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  CompactSyncIndicator,
  FloatingSyncStatus,
  SyncStatusIndicators,
  SyncStatusProvider,
  UploadDropzone,
  UploaderProvider,
  UploadProgress,
  UploadQueue,
} from './index.js'
import { createTestStatus, word } from './testing/test-status.js'
import { createTestUploader } from './testing/test-uploader.js'

afterEach(cleanup)

describe('an element with an uploader', () => {
  it('has the provider’s, unless it is given one or finds one by itself', () => {
    const { uploader } = createTestUploader()
    const dropzone = createRef<UploadDropzoneElement>()
    const queue = createRef<UploadQueueElement>()
    const page = (htmlFor: string) => (
      <UploaderProvider uploader={uploader}>
        <UploadDropzone ref={dropzone} />
        <UploadQueue ref={queue} htmlFor={htmlFor} />
      </UploaderProvider>
    )
    render(page('nowhere'))
    expect(dropzone.current?.uploader).toBe(uploader)
    expect(queue.current?.uploader).toBe(undefined)
    cleanup()
    render(page(''))
    expect(queue.current?.uploader).toBe(uploader)
  })

  it('tells what happens', () => {
    const dropzone = createRef<UploadDropzoneElement>()
    const onUploadAdded = vi.fn()
    render(<UploadDropzone ref={dropzone} onUploadAdded={onUploadAdded} />)
    const event = new CustomEvent('upload-added')
    dropzone.current?.dispatchEvent(event)
    expect(onUploadAdded).toHaveBeenCalledExactlyOnceWith(event)
  })

  it('tells, as a queue, that its order was changed', () => {
    const queue = createRef<UploadQueueElement>()
    const onOrderChanged = vi.fn()
    render(<UploadQueue ref={queue} onOrderChanged={onOrderChanged} />)
    const event = new CustomEvent('order-changed')
    queue.current?.dispatchEvent(event)
    expect(onOrderChanged).toHaveBeenCalledExactlyOnceWith(event)
  })
})

describe('UploadProgress', () => {
  it('follows the provider’s server, and tells what becomes of the operation', () => {
    const { monitor } = createTestStatus()
    const element = createRef<UploadProgressElement>()
    const heard: unknown[] = []
    const note = (name: string) => (detail: unknown) => void heard.push([name, detail])
    render(
      <SyncStatusProvider monitor={monitor}>
        <UploadProgress ref={element} uploadId="a" onComplete={note('complete')} onError={note('error')} onCancel={note('cancel')} />
      </SyncStatusProvider>,
    )
    expect(element.current).toMatchObject({ monitor, uploadId: 'a' })
    const detail = { operation: word('a') }
    for (const end of ['completed', 'failed', 'cancelled']) {
      element.current?.dispatchEvent(new CustomEvent(`progress-${end}`, { detail }))
    }
    expect(heard).toEqual([
      ['complete', detail],
      ['error', detail],
      ['cancel', detail],
    ])
  })

  it('follows an item of the provider’s uploader as that, with its bytes, for as long as it is one', async () => {
    const { uploader, add, paint } = createTestUploader()
    const { monitor } = createTestStatus()
    const element = createRef<UploadProgressElement>()
    const page = (id: string) => (
      <SyncStatusProvider monitor={monitor}>
        <UploaderProvider uploader={uploader}>
          <UploadProgress ref={element} uploadId={id} />
        </UploaderProvider>
      </SyncStatusProvider>
    )
    const [id = ''] = await add(1)
    const { rerender } = render(page(id))
    expect(element.current?.uploader).toBe(uploader)
    rerender(page('another'))
    expect(element.current).toMatchObject({ uploader: undefined, monitor })
    rerender(page(id))
    expect(element.current?.uploader).toBe(uploader)
    act(() => {
      uploader.remove(id)
      paint()
    })
    expect(element.current).toMatchObject({ uploader: undefined, monitor })
  })
})

describe('the indicators', () => {
  it('show the provider’s server, in a line or with all details, at a corner, or the one that they are given', () => {
    const { monitor } = createTestStatus()
    const other = createTestStatus().monitor
    const shown: (SyncStatusElement | null)[] = []
    const ref = (index: number) => (element: SyncStatusElement | null) => {
      if (element !== null) shown[index] = element
    }
    render(
      <SyncStatusProvider monitor={monitor}>
        <SyncStatusIndicators ref={ref(0)} />
        <SyncStatusIndicators ref={ref(1)} showDetails />
        <CompactSyncIndicator ref={ref(2)} />
        <FloatingSyncStatus ref={ref(3)} theme="light" />
        <FloatingSyncStatus ref={ref(4)} monitor={other} />
      </SyncStatusProvider>,
    )
    expect(shown.map((element) => element?.variant)).toEqual(['compact', 'full', 'compact', 'floating', 'floating'])
    expect(shown.slice(0, 4).every((element) => element?.monitor === monitor)).toBe(true)
    expect(shown[3]?.theme).toBe('light')
    expect(shown[4]?.monitor).toBe(other)
  })

  it('are elements without content on a server, also without a provider', () => {
    expect(renderToString(<CompactSyncIndicator endpoint="/uploads" />)).toMatch(/^<sync-status.*><\/sync-status>$/)
  })
})
