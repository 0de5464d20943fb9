import type { Meta, StoryObj } from '@storybook/web-components-vite'
import { expect } from 'storybook/test'
import type { UploadPanel } from '../upload-panel.js'
import { EVERY_ERROR, HOSTILE_NAMES, HOSTILE_SERVER, manyFiles, MIXED, type PhaseName, PHASES, REFUSED } from './files.js'
import { panelIn, type PanelStory, renderPanel } from './panel-story.js'

const meta: Meta<UploadPanel> = { title: 'upload-panel/States', component: 'upload-panel' }
export default meta

type Story = StoryObj<UploadPanel>

const showing = (story: PanelStory): Story => ({ render: renderPanel(story) })
/** In both themes they are together in `EveryPhase`. */
const inPhase = (name: PhaseName): Story => ({ ...showing({ files: [{ name: 'film.mp4', change: PHASES[name] }] }), tags: ['one-theme'] })

export const Mixed: Story = { ...showing({ files: MIXED }), tags: ['visual'] }
export const Empty: Story = { ...showing({ files: [] }), tags: ['visual'] }
export const EmptyWithLimits = showing({ files: [], attributes: { accept: 'image/*,.pdf', 'max-size': '5000000', 'max-files': '20' } })
export const EmptyWithoutDrop = showing({ files: [], attributes: { 'no-drop': '' } })

export const Queued = inPhase('queued')
export const QueuedAndPaused = inPhase('queuedAndPaused')
export const Preparing = inPhase('preparing')
export const Ready = inPhase('ready')
export const Uploading = inPhase('uploading')
export const UploadingWithoutEstimate = inPhase('uploadingWithoutEstimate')
export const Paused = inPhase('paused')
export const WaitingToTryAgain = inPhase('waitingToTryAgain')
export const WaitingOffline = inPhase('waitingOffline')
export const WaitingForSignIn = inPhase('waitingForSignIn')
export const WaitingForFile = inPhase('waitingForFile')
export const Processing = inPhase('processing')
export const ProcessingWithStage = inPhase('processingWithStage')
export const Overdue = inPhase('overdue')
export const Completed = inPhase('completed')
export const CompletedThoughCancelled = inPhase('completedThoughCancelled')
export const FailedHere = inPhase('failedHere')
export const FailedOnServer = inPhase('failedOnServer')
export const Cancelled = inPhase('cancelled')

/** Every phase below each other, as high as it takes. */
export const EveryPhase: Story = {
  ...showing({
    files: Object.entries(PHASES).map(([name, change]) => ({ name: `${name}.bin`, change })),
    around: { class: 'tall' },
  }),
  tags: ['visual'],
}

export const EveryError: Story = { ...showing({ files: EVERY_ERROR, around: { class: 'tall' } }), tags: ['visual'] }

const refuse: Story['play'] = async ({ canvasElement }) => {
  const { uploader, settle, root } = await panelIn(canvasElement)
  uploader.emit('rejected', REFUSED)
  await settle()
  await expect(root.querySelector('[part~="notice"]')).toHaveTextContent('5 files were not added')
}

export const Refused: Story = { ...showing({ files: MIXED.slice(0, 2) }), tags: ['visual'], play: refuse }

export const AllCompleted = showing({ files: MIXED.map((file) => ({ ...file, change: PHASES.completed })) })
export const AllFailed = showing({ files: MIXED.map((file) => ({ ...file, change: PHASES.failedHere })) })

/** Ten thousand files cost what ten cost: rows beyond the view do not exist. */
export const TenThousandFiles: Story = {
  ...showing({ files: manyFiles(10_000) }),
  async play({ canvasElement }) {
    const { rows, scroller, settle } = await panelIn(canvasElement)
    await expect(rows().length).toBeLessThanOrEqual(40)
    scroller.scrollTop = scroller.scrollHeight
    await settle()
    await settle()
    await expect(rows().length).toBeLessThanOrEqual(40)
    await expect(rows().at(-1)?.name).toBe('photo-10000.jpg')
  },
}

/** In letters that every machine has, for the visual check. */
export const LongNames: Story = {
  ...showing({ files: HOSTILE_NAMES.filter(({ name }) => /^[ -~]{100,}$/.test(name)) }),
  tags: ['visual'],
}

export const LongAndHostileNames: Story = {
  ...showing({ files: HOSTILE_NAMES, around: { class: 'tall' } }),
  async play({ canvasElement }) {
    const { rows } = await panelIn(canvasElement)
    for (const { root } of rows()) await expect(root.querySelector('img')).toBeNull()
  },
}

export const HostileServer: Story = {
  ...showing({ files: HOSTILE_SERVER }),
  async play({ canvasElement }) {
    const { rows } = await panelIn(canvasElement)
    for (const { root } of rows()) await expect(root.querySelector('img')).toBeNull()
  },
}

export const RightToLeft: Story = { ...showing({ files: MIXED.slice(0, 5), around: { dir: 'rtl' } }), tags: ['visual'] }
export const Narrow: Story = { ...showing({ files: MIXED, around: { class: 'narrow' } }), tags: ['visual'] }
export const Wide = showing({ files: MIXED, around: { class: 'wide' } })
export const LargeText = showing({ files: MIXED, around: { class: 'large-text' } })
export const ColoursOfTheHost: Story = { ...showing({ files: MIXED.slice(0, 3), around: { class: 'host-colours' } }), tags: ['visual'] }

export const Collapsed: Story = { ...showing({ files: MIXED, attributes: { collapsed: '' } }), tags: ['visual'] }
export const CollapsedOverThousands = showing({ files: manyFiles(10_000), attributes: { collapsed: '' } })
export const CollapsedAndEmpty = showing({ files: [], attributes: { collapsed: '' } })
export const CollapsedAndCompleted = showing({ files: [{ name: 'a.png', change: PHASES.completed }], attributes: { collapsed: '' } })

/** Nothing moves before `start()`. */
export const NotStarted = showing({
  files: MIXED.map(({ name }) => ({ name })),
  prepare: (uploader) => uploader.setSummary({ held: true }),
})
