import type { Meta, StoryObj } from '@storybook/web-components-vite'
import { expect, waitFor } from 'storybook/test'
import { scriptedUploader } from '../testing/scripted-uploader.js'
import '../upload-dropzone.js'
import type { UploadDropzone } from '../upload-dropzone.js'
import { REFUSED } from './files.js'
import { scripted } from './panel-story.js'
import { type Attributes, DISABLED_MAY_BE_PALE, elementIn, renderElement, within } from './render.js'

const meta: Meta<UploadDropzone> = { title: 'upload-dropzone', component: 'upload-dropzone' }
export default meta

type Story = StoryObj<UploadDropzone>

const showing = (attributes: Attributes = {}, around: Attributes = {}): Story => ({
  render: () => renderElement('upload-dropzone', { attributes, around, give: (zone) => (zone.uploader = scriptedUploader()) }),
})

export const Empty: Story = { ...showing(), tags: ['visual'] }
export const WithLimits: Story = { ...showing({ accept: 'image/*,.pdf', 'max-size': '5000000', 'max-files': '20' }), tags: ['visual'] }
export const OneFile = showing({ 'max-files': '1' })
export const Camera = showing({ accept: 'image/*', capture: 'environment' })
export const WithoutDrop = showing({ 'no-drop': '' })
export const Disabled: Story = { ...showing({ disabled: '' }), tags: ['visual'], parameters: { a11y: DISABLED_MAY_BE_PALE } }
export const Narrow = showing({}, { class: 'narrow' })
export const RightToLeft = showing({}, { dir: 'rtl' })

const dragOver = (zone: Element) => {
  const dataTransfer = new DataTransfer()
  dataTransfer.items.add(new File(['content'], 'a.txt'))
  zone.dispatchEvent(new DragEvent('dragenter', { dataTransfer, bubbles: true, composed: true, cancelable: true }))
  zone.dispatchEvent(new DragEvent('dragover', { dataTransfer, bubbles: true, composed: true, cancelable: true }))
}

/** Files are held over it. */
export const DraggedOver: Story = {
  ...showing(),
  tags: ['visual'],
  async play({ canvasElement }) {
    const zone = elementIn(canvasElement, 'upload-dropzone')
    dragOver(zone)
    await waitFor(() => expect(zone.shadowRoot.textContent).toContain('Let go to upload'))
  },
}

/** Files are held over the page, all of which takes them. */
export const PageDraggedOver: Story = {
  ...showing({ drop: 'page' }),
  tags: ['visual'],
  async play({ canvasElement }) {
    const zone = elementIn(canvasElement, 'upload-dropzone')
    await zone.updateComplete
    dragOver(document.body)
    await waitFor(() => expect(within(zone.shadowRoot, '[part~="overlay"]')).toBeVisible())
  },
}

export const Refused: Story = {
  ...showing(),
  tags: ['visual'],
  async play({ canvasElement }) {
    const zone = elementIn(canvasElement, 'upload-dropzone')
    zone.addFiles([])
    scripted(zone.uploader).emit('rejected', REFUSED)
    await waitFor(() => expect(zone.shadowRoot.textContent).toContain('5 files were not added'))
  },
}

/** Somebody has tried to send the form around it. */
export const Required: Story = {
  ...showing({ name: 'scans', required: '' }),
  async play({ canvasElement }) {
    const zone = elementIn(canvasElement, 'upload-dropzone')
    await zone.updateComplete
    await expect(zone.reportValidity()).toBe(false)
  },
}
