import { UploadError } from '@upload-panel/core'
import type { SyncStatusUpdate } from '@upload-panel/core/protocol'
import type { Meta, StoryObj } from '@storybook/web-components-vite'
import { expect, waitFor } from 'storybook/test'
import { type StatusHarness, statusHarness } from '../testing/status-harness.js'
import '../upload-progress.js'
import type { UploadProgress } from '../upload-progress.js'
import { PHASES, type PhaseName, uploaderWith } from './files.js'
import { elementIn, renderElement } from './render.js'

const meta: Meta<UploadProgress> = { title: 'upload-progress', component: 'upload-progress' }
export default meta

type Story = StoryObj<UploadProgress>

const ID = 'operation-1'

/** An operation of the server: what it says, and what is shown of it. */
function operation(
  change: Partial<SyncStatusUpdate>,
  shown: string,
  happen: (server: StatusHarness) => Promise<void> = async () => {},
): Story {
  return {
    loaders: [() => ({ server: statusHarness() })],
    render: (_args, { loaded: { server } }) =>
      renderElement('upload-progress', { attributes: { 'upload-id': ID }, give: (element) => (element.monitor = server.monitor) }),
    async play({ canvasElement, loaded: { server } }) {
      await server.connect()
      await server.say(ID, change)
      await happen(server)
      const { shadowRoot } = elementIn(canvasElement, 'upload-progress')
      await waitFor(() => expect(shadowRoot.textContent).toContain(shown))
    },
  }
}

const failed = { status: 'failed', error: { code: 'no_video', message: 'The video has no picture track.', retryable: false } } as const

export const InProgress: Story = {
  ...operation({ progress: 45, stage: 'making_thumbnail', message: 'Page 9 of 20' }, 'Making thumbnail'),
  tags: ['visual'],
}
export const Pending = operation({ status: 'pending' }, 'Queued')
export const Completed: Story = { ...operation({ status: 'completed', progress: 100 }, 'Completed'), tags: ['visual'] }
export const Failed: Story = { ...operation(failed, 'The video has no picture track.'), tags: ['visual'] }
export const Cancelled = operation({ status: 'cancelled' }, 'Cancelled')
export const FullSync = operation({ operation_type: 'full_sync', progress: 70, processed_items: 700, total_items: 1000 }, '70%')
export const Webhook = operation({ operation_type: 'webhook', progress: 10 }, '10%')

/** Nothing is known of it yet. */
export const Looking: Story = {
  render: () =>
    renderElement('upload-progress', { attributes: { 'upload-id': ID }, give: (element) => (element.monitor = statusHarness().monitor) }),
}

export const ServerDoesNotAnswer: Story = {
  loaders: [() => ({ server: statusHarness() })],
  render: (_args, { loaded: { server } }) =>
    renderElement('upload-progress', {
      attributes: { 'upload-id': ID },
      give(element) {
        server.fail(new UploadError('server', 'The database is gone.'))
        element.monitor = server.monitor
      },
    }),
  async play({ canvasElement, loaded: { server } }) {
    await server.connect()
    server.monitor.refresh()
    await server.pass(1000)
    const { shadowRoot } = elementIn(canvasElement, 'upload-progress')
    await waitFor(() => expect(shadowRoot.querySelector('[part~="button-retry"]')).toBeTruthy())
  },
}

/** An upload of this page: its bytes and the server's work on them. */
const item = (name: PhaseName): Story => ({
  render: () =>
    renderElement('upload-progress', {
      give(element) {
        const uploader = uploaderWith([{ name: 'film.mp4', change: PHASES[name] }])
        element.uploader = uploader
        element.uploadId = uploader.items()[0]?.id ?? ''
      },
    }),
})

export const ItemUploading: Story = { ...item('uploading'), tags: ['visual'] }
export const ItemPaused = item('paused')
export const ItemWaitingOffline = item('waitingOffline')
export const ItemProcessing = item('processingWithStage')
export const ItemOverdue = item('overdue')
export const ItemCompleted = item('completed')
export const ItemFailed = item('failedHere')
export const ItemCancelled = item('cancelled')
