import type { ConnectionStatus } from '@upload-panel/core'
import type { Meta, StoryObj } from '@storybook/web-components-vite'
import { expect } from 'storybook/test'
import type { UploadPanel } from '../upload-panel.js'
import { HOSTILE_NAMES, manyFiles, MIXED, PHASES, type StoryFile } from './files.js'
import { panelIn, type PanelStory, renderPanel } from './panel-story.js'
import { DISABLED_MAY_BE_PALE, within } from './render.js'

const meta: Meta<UploadPanel> = { title: 'upload-panel/Features', component: 'upload-panel' }
export default meta

type Story = StoryObj<UploadPanel>

const showing = (story: PanelStory): Story => ({ render: renderPanel(story) })
const inTab = (tab: string) => showing({ files: MIXED, attributes: { tab } })

export const TabActive = inTab('active')
export const TabCompleted = inTab('completed')
export const TabFailed: Story = { ...inTab('failed'), tags: ['visual'] }
export const TabWithNothing = showing({ files: MIXED.slice(0, 2), attributes: { tab: 'failed' } })

const inJob = (files: readonly StoryFile[]) => showing({ files, attributes: { 'show-job': '' } })

export const JobRunning: Story = { ...inJob(MIXED), tags: ['visual'] }
export const JobCompleted = inJob(MIXED.map(({ name }) => ({ name, change: PHASES.completed })))
export const JobPartlyCompleted = inJob(
  MIXED.map(({ name }, index) => ({ name, change: index ? PHASES.completed : PHASES.failedOnServer })),
)
export const JobFailed = inJob(MIXED.map(({ name }) => ({ name, change: PHASES.failedOnServer })))

const connected = (change: Partial<ConnectionStatus>) =>
  showing({ files: MIXED.slice(0, 2), prepare: (uploader) => uploader.setConnection(change) })

export const ConnectionLive = connected({ status: 'connected', latency: 12 })
export const ConnectionConnecting = connected({ status: 'reconnecting', reconnectAttempts: 0 })
export const ConnectionReconnecting: Story = {
  ...connected({ status: 'reconnecting', reconnectAttempts: 3, polling: true }),
  tags: ['visual'],
}
export const ConnectionLost = connected({ status: 'error', polling: true })
export const ConnectionByPolling = connected({ status: 'connected', transport: 'polling', polling: true })
export const ConnectionNone = connected({ status: 'disconnected', transport: 'none' })

/** The panel's own place: a corner of the window. */
export const Floating: Story = { ...showing({ files: MIXED, attributes: { placement: 'floating' } }), tags: ['visual-wide'] }
export const FloatingAtTheTop = showing({ files: MIXED, attributes: { placement: 'top-start' } })
export const FloatingAndEmpty = showing({ files: [], attributes: { placement: 'floating' } })
export const FloatingAndCollapsed: Story = {
  ...showing({ files: MIXED, attributes: { placement: 'floating', collapsed: '' } }),
  tags: ['visual-wide'],
}
export const FloatingWithManyFiles = showing({ files: manyFiles(1000), attributes: { placement: 'floating' } })

const endWith = (files: readonly StoryFile[]): Story => ({
  ...showing({ files }),
  async play({ canvasElement }) {
    const { uploader, settle, root } = await panelIn(canvasElement)
    uploader.emit('batch-completed', uploader.items())
    await settle()
    await expect(within(root, '.toast')).toBeVisible()
  },
})

export const ToastOfSuccess = endWith(MIXED.map(({ name }) => ({ name, change: PHASES.completed })))
export const ToastOfFailures: Story = {
  ...endWith(MIXED.map(({ name }, index) => ({ name, change: index % 3 ? PHASES.completed : PHASES.failedOnServer }))),
  tags: ['visual-wide'],
}

/** Names that would fill the toast are cut in the middle. */
export const ToastOfLongNames = endWith(HOSTILE_NAMES.map(({ name }) => ({ name, change: PHASES.failedHere })))

/** A file with a picture on the server, whose details are unfolded. */
export const DetailsAndPicture: Story = {
  ...showing({
    files: [
      {
        name: 'sunset.png',
        change: {
          phase: 'completed',
          result: { thumbnailUrl: new URL('../testing/pixel.png', import.meta.url).href, url: 'https://example.com/sunset.png' },
        },
      },
      ...MIXED.slice(0, 2),
    ],
  }),
  async play({ canvasElement }) {
    const { row, settle } = await panelIn(canvasElement)
    const sunset = row('sunset.png')
    within(sunset.root, '[aria-expanded]').click()
    await settle()
    await expect(within(sunset.root, '[aria-expanded]')).toHaveAttribute('aria-expanded', 'true')
  },
}
export const WithoutPictures = showing({ files: MIXED, attributes: { 'no-thumbnails': '' } })
export const Disabled: Story = {
  ...showing({ files: MIXED.slice(0, 2), attributes: { disabled: '' } }),
  tags: ['visual'],
  parameters: { a11y: DISABLED_MAY_BE_PALE },
}

/** Somebody has tried to send the form around it. */
export const RequiredInForm: Story = {
  ...showing({ files: [], attributes: { name: 'scans', required: '' } }),
  async play({ canvasElement }) {
    const { panel, settle } = await panelIn(canvasElement)
    await expect(panel.reportValidity()).toBe(false)
    await settle()
    await expect(panel.validity?.valueMissing).toBe(true)
  },
}
