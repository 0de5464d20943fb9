import type { Meta, StoryObj } from '@storybook/web-components-vite'
import { expect, userEvent, waitFor } from 'storybook/test'
import '../upload-queue.js'
import type { UploadQueue } from '../upload-queue.js'
import { HOSTILE_NAMES, manyFiles, MIXED, PHASES, type StoryFile, uploaderWith } from './files.js'
import { type Attributes, elementIn, renderElement, within } from './render.js'

const meta: Meta<UploadQueue> = { title: 'upload-queue', component: 'upload-queue' }
export default meta

type Story = StoryObj<UploadQueue>

const showing = (files: readonly StoryFile[], around: Attributes = {}): Story => ({
  render: () => renderElement('upload-queue', { around, give: (queue) => (queue.uploader = uploaderWith(files)) }),
})

const QUEUE: readonly StoryFile[] = [
  ...MIXED.slice(0, 1),
  { name: 'invoice.pdf', change: { phase: 'queued', priority: 1 } },
  { name: 'interview-raw.wav', change: PHASES.paused },
  ...['one', 'two', 'three'].map((name) => ({ name: `slide-${name}.png` })),
  { name: 'archive.zip', change: { phase: 'queued', priority: -1 } },
]

export const Empty: Story = { ...showing([]), tags: ['visual'] }
export const Waiting: Story = { ...showing(QUEUE), tags: ['visual'] }
export const Mixed = showing(MIXED)
export const AllPaused = showing(QUEUE.map(({ name }) => ({ name, change: PHASES.queuedAndPaused })))
export const WaitingOffline = showing(QUEUE.map(({ name }) => ({ name, change: PHASES.waitingOffline })))
export const LongAndHostileNames = showing(HOSTILE_NAMES.map(({ name }) => ({ name })))
export const RightToLeft = showing(QUEUE, { dir: 'rtl' })
/** What the server says in English stays beside its badge. */
export const RightToLeftAndOffline = showing(
  QUEUE.map(({ name }) => ({ name, change: PHASES.waitingOffline })),
  { dir: 'rtl' },
)
/** Nothing waits any more, and the figures say how it ended. */
export const AllEnded = showing(QUEUE.map(({ name }, index) => ({ name, change: index === 2 ? PHASES.failedHere : PHASES.completed })))
export const NotStarted: Story = {
  render: () =>
    renderElement('upload-queue', {
      give(queue) {
        const uploader = uploaderWith(QUEUE.map(({ name }) => ({ name })))
        uploader.setSummary({ held: true })
        queue.uploader = uploader
      },
    }),
}
export const Narrow: Story = { ...showing(QUEUE, { class: 'narrow' }), tags: ['visual'] }

/** The list of a story that is played, when its rows are there. */
async function listIn(canvas: HTMLElement): Promise<ShadowRoot> {
  const { shadowRoot } = elementIn(canvas, 'upload-queue')
  await waitFor(() => expect(shadowRoot.querySelector('upload-queue-list')?.shadowRoot?.querySelector('upload-queue-row')).toBeTruthy())
  const list = shadowRoot.querySelector('upload-queue-list')?.shadowRoot
  if (!list) throw new Error('The queue shows no list.')
  return list
}

const rowsOf = (list: ShadowRoot) => Array.from(list.querySelectorAll('upload-queue-row'))

export const TenThousandFiles: Story = {
  ...showing(manyFiles(10_000)),
  async play({ canvasElement }) {
    await expect(rowsOf(await listIn(canvasElement)).length).toBeLessThanOrEqual(40)
  },
}

/** A file is lifted by its handle and moved by the arrow keys; Escape would put it back. */
export const MovedByKeyboard: Story = {
  ...showing(QUEUE),
  async play({ canvasElement }) {
    const list = await listIn(canvasElement)
    const row = rowsOf(list).at(-1)?.shadowRoot
    if (!row) throw new Error('The queue has no rows.')
    within(row, '[part~="row-handle"]').focus()
    await userEvent.keyboard(' {ArrowUp}')
    const queue = elementIn(canvasElement, 'upload-queue')
    await waitFor(() => expect(queue.matches(':state(reordering)')).toBe(true))
    await userEvent.keyboard('{Escape}')
    await waitFor(() => expect(queue.matches(':state(reordering)')).toBe(false))
  },
}

export const Menu: Story = {
  ...showing(QUEUE),
  async play({ canvasElement }) {
    const list = await listIn(canvasElement)
    const row = rowsOf(list)[2]?.shadowRoot
    if (!row) throw new Error('The queue has no rows.')
    within(row, '[part~="row-button-more"]').click()
    await waitFor(() => expect(within(list, '[role="menu"]')).toBeVisible())
  },
}
