import { UploadError } from '@upload-panel/core'
import type { Meta, StoryObj } from '@storybook/web-components-vite'
import { expect, waitFor } from 'storybook/test'
import { type StatusHarness, statusHarness } from '../testing/status-harness.js'
import '../sync-status.js'
import type { SyncStatus } from '../sync-status.js'
import { type Attributes, elementIn, renderElement, within } from './render.js'

const meta: Meta<SyncStatus> = { title: 'sync-status', component: 'sync-status' }
export default meta

type Story = StoryObj<SyncStatus>
type Variant = SyncStatus['variant']

const failed = { status: 'failed', error: { code: 'x', message: 'The disk is full.', retryable: false } } as const

/** What happens on the server before a picture is taken. */
const HAPPENINGS = {
  healthy: async ({ connect, say }) => {
    await connect()
    await say('one', { progress: 45, stage: 'compressing' })
    await say('two', { operation_type: 'full_sync', progress: 70, processed_items: 700, total_items: 1000 })
    await say('three', { operation_type: 'webhook', status: 'completed' })
  },
  failing: async ({ connect, say }) => {
    await connect({ latency: 480 })
    await say('one', failed)
    await say('two', { status: 'completed' })
    await say('three', { progress: 10 })
  },
  reconnecting: async ({ connect, set }) => {
    await connect()
    await set({ status: 'reconnecting', latency: null, reconnectAttempts: 2 })
  },
  polling: ({ connect }) => connect({ transport: 'polling', polling: true }),
  broken: async ({ connect, fail, set, monitor, pass }) => {
    await connect()
    fail(new UploadError('server', 'The database is gone.'))
    await set({ status: 'error' })
    monitor.refresh()
    await pass(1000)
  },
  idle: async () => {},
} satisfies Readonly<Record<string, (server: StatusHarness) => Promise<void>>>

interface Happening {
  readonly happen: keyof typeof HAPPENINGS
  readonly shown: string
}

const HEALTHY: Happening = { happen: 'healthy', shown: 'Live' }
const FAILING: Happening = { happen: 'failing', shown: 'Critical' }
const RECONNECTING: Happening = { happen: 'reconnecting', shown: 'Reconnecting' }
const BROKEN: Happening = { happen: 'broken', shown: 'Not connected' }

function showing(variant: Variant, { happen, shown }: Happening, around: Attributes = {}): Story {
  return {
    loaders: [() => ({ server: statusHarness() })],
    render: (_args, { loaded: { server } }) =>
      renderElement('sync-status', { attributes: { variant }, around, give: (element) => (element.monitor = server.monitor) }),
    async play({ canvasElement, loaded: { server } }) {
      await HAPPENINGS[happen](server)
      const { shadowRoot } = elementIn(canvasElement, 'sync-status')
      await waitFor(() => expect(shadowRoot.textContent).toContain(shown))
    },
  }
}

const opened = (variant: Variant, happening: Happening): Story => {
  const story = showing(variant, happening)
  return {
    ...story,
    async play(context) {
      await story.play?.(context)
      const { shadowRoot } = elementIn(context.canvasElement, 'sync-status')
      within(shadowRoot, '.pill').click()
      await waitFor(() => expect(within(shadowRoot, '[part~="card"]')).toBeVisible())
    },
  }
}

export const Full: Story = { ...showing('full', HEALTHY), tags: ['visual-wide'] }
export const FullFailing: Story = { ...showing('full', FAILING), tags: ['visual-wide'] }
export const FullReconnecting = showing('full', RECONNECTING)
export const FullByPolling = showing('full', { happen: 'polling', shown: '' })
export const FullBroken = showing('full', BROKEN)
export const FullIdle = showing('full', { happen: 'idle', shown: '' })
export const FullNarrow: Story = { ...showing('full', HEALTHY, { class: 'narrow' }), tags: ['visual'] }
export const FullRightToLeft = showing('full', HEALTHY, { dir: 'rtl' })

export const Compact: Story = { ...showing('compact', HEALTHY), tags: ['visual'] }
export const CompactFailing = showing('compact', FAILING)
export const CompactReconnecting: Story = { ...showing('compact', RECONNECTING), tags: ['visual'] }
export const CompactBroken = showing('compact', BROKEN)
export const CompactOpened: Story = { ...opened('compact', HEALTHY), tags: ['visual'] }

export const Floating: Story = { ...showing('floating', HEALTHY), tags: ['visual'] }
export const FloatingBroken = showing('floating', BROKEN)
export const FloatingOpened: Story = { ...opened('floating', FAILING), tags: ['visual'] }
