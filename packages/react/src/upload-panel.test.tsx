// @vitest-environment happy-dom
import type { UploadPanel as UploadPanelElement } from '@upload-panel/widget/upload-panel'
import { cleanup, render } from '@testing-library/react'
import { createRef } from 'react'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { UploaderProvider, UploadPanel } from './index.js'
import { createTestUploader } from './testing/test-uploader.js'

afterEach(cleanup)

describe('UploadPanel', () => {
  it("shows the provider's uploader, or the one that it is given", () => {
    const [provided, given] = [createTestUploader().uploader, createTestUploader().uploader]
    const panel = createRef<UploadPanelElement>()
    const show = (uploader?: typeof given) => (
      <UploaderProvider uploader={provided}>
        <UploadPanel ref={panel} {...(uploader && { uploader })} />
      </UploaderProvider>
    )
    const view = render(show())
    expect(panel.current?.uploader).toBe(provided)
    view.rerender(show(given))
    expect(panel.current?.uploader).toBe(given)
  })

  it('sets properties and listens to events', () => {
    const panel = createRef<UploadPanelElement>()
    const onUploadCompleted = vi.fn()
    render(<UploadPanel ref={panel} maxFiles={3} collapsed onUploadCompleted={onUploadCompleted} />)
    expect(panel.current).toMatchObject({ maxFiles: 3, collapsed: true })
    const event = new CustomEvent('upload-completed')
    panel.current?.dispatchEvent(event)
    expect(onUploadCompleted).toHaveBeenCalledExactlyOnceWith(event)
  })
})
