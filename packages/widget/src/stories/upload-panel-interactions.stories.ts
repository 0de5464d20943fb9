import type { Meta, StoryObj } from '@storybook/web-components-vite'
import { expect, userEvent } from 'storybook/test'
import type { UploadPanel } from '../upload-panel.js'
import { manyFiles, MIXED, PHASES, REFUSED } from './files.js'
import { panelIn, renderPanel } from './panel-story.js'
import { within } from './render.js'

/** What a person does with a panel, step by step. */
const meta: Meta<UploadPanel> = {
  title: 'upload-panel/Interactions',
  component: 'upload-panel',
  tags: ['one-theme'],
  render: renderPanel({ files: MIXED }),
}
export default meta

type Story = StoryObj<UploadPanel>

export const ArrowKeysMoveAlongTheFiles: Story = {
  render: renderPanel({ files: manyFiles(1000) }),
  async play({ canvasElement }) {
    const { rows, focused, settle } = await panelIn(canvasElement)
    const rowOfFocus = () => rows().find(({ root }) => root.activeElement !== null)?.name
    within(rows()[0]?.root ?? document, 'button').focus()
    await userEvent.keyboard('{ArrowDown}{ArrowDown}')
    await settle()
    await expect(rowOfFocus()).toBe('photo-00003.jpg')
    await userEvent.keyboard('{End}')
    await settle()
    await settle()
    await expect(rowOfFocus()).toBe('photo-01000.jpg')
    await userEvent.keyboard('{Home}')
    await settle()
    await settle()
    await expect(rowOfFocus()).toBe('photo-00001.jpg')
    await expect(focused()?.tagName).toBe('BUTTON')
  },
}

export const ArrowKeysChooseATab: Story = {
  async play({ canvasElement }) {
    const { root, rows, settle } = await panelIn(canvasElement)
    within(root, '#tab-all').focus()
    await userEvent.keyboard('{ArrowLeft}')
    await settle()
    await expect(within(root, '#tab-failed')).toHaveAttribute('aria-selected', 'true')
    await expect(rows().map(({ name }) => name)).toEqual(['contract-signed.docx'])
  },
}

export const CollapsesAndComesBack: Story = {
  async play({ canvasElement }) {
    const { panel, button, focused, settle } = await panelIn(canvasElement)
    button('Collapse').focus()
    await userEvent.keyboard('{Enter}')
    await settle()
    await expect(panel.collapsed).toBe(true)
    await expect(focused()).toHaveTextContent('Show uploads')
    await userEvent.keyboard('{Enter}')
    await settle()
    await expect(panel.collapsed).toBe(false)
    await expect(focused()).not.toBe(document.body)
  },
}

export const PausesAndResumesAFile: Story = {
  async play({ canvasElement }) {
    const { row, uploader } = await panelIn(canvasElement)
    row('Summer in Lisbon.mp4').button('Pause').click()
    row('interview-raw.wav').button('Resume').click()
    await expect(uploader.calls.slice(-2).map(([method]) => method)).toEqual(['pause', 'resume'])
  },
}

export const TriesAgain: Story = {
  async play({ canvasElement }) {
    const { row, button, uploader } = await panelIn(canvasElement)
    row('contract-signed.docx').button('Retry').click()
    button('Retry 1 failed').click()
    await expect(uploader.calls.slice(-2).map(([method]) => method)).toEqual(['retry', 'retry'])
  },
}

export const FocusStaysWhenARowLeaves: Story = {
  render: renderPanel({ files: ['a.txt', 'b.txt', 'c.txt'].map((name) => ({ name, change: PHASES.completed })) }),
  async play({ canvasElement }) {
    const { row, rows, focused, settle } = await panelIn(canvasElement)
    const remove = row('b.txt').button('Remove')
    remove.focus()
    remove.click()
    await settle()
    await expect(rows().map(({ name }) => name)).toEqual(['a.txt', 'c.txt'])
    await expect(row('c.txt').root.activeElement).toBe(focused())
  },
}

export const DismissesWhatWasRefused: Story = {
  async play({ canvasElement }) {
    const { root, uploader, button, settle } = await panelIn(canvasElement)
    uploader.emit('rejected', REFUSED)
    await settle()
    button('Dismiss').click()
    await settle()
    await expect(root.querySelector('[part~="notice"]')).toBeNull()
  },
}

export const ProgressIsPaintedInPlace: Story = {
  async play({ canvasElement }) {
    const { row, uploader, settle } = await panelIn(canvasElement)
    const [film] = uploader.items()
    const { element } = row('Summer in Lisbon.mp4')
    uploader.set(film?.id ?? '', { ...PHASES.uploading, sentBytes: 1_000_000_000 })
    await settle()
    await expect(row('Summer in Lisbon.mp4').percent).toBe('80%')
    await expect(row('Summer in Lisbon.mp4').element).toBe(element)
  },
}
