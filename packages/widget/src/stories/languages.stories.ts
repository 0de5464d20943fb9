import type { Meta, StoryObj } from '@storybook/web-components-vite'
import { expect, waitFor } from 'storybook/test'
import type { UploadPanel } from '../upload-panel.js'
import { EVERY_ERROR, MIXED } from './files.js'
import { panelIn, renderPanel } from './panel-story.js'

/** The panel in each of its languages, which it takes from the page around it. */
const meta: Meta<UploadPanel> = { title: 'upload-panel/Languages', component: 'upload-panel', tags: ['one-theme'] }
export default meta

type Story = StoryObj<UploadPanel>

const inLanguage = (lang: string, direction: 'ltr' | 'rtl' = 'ltr'): Story => ({
  render: renderPanel({ files: [...MIXED, ...EVERY_ERROR.slice(0, 3)], around: { lang, class: 'tall' } }),
  async play({ canvasElement }) {
    const { root, panel } = await panelIn(canvasElement)
    await waitFor(() => expect(root.querySelector('[part~="panel"]')).toHaveAttribute('lang', lang), { timeout: 10_000 })
    await expect(getComputedStyle(panel).direction).toBe(direction)
    await expect(root.textContent?.includes('Choose files')).toBe(lang === 'en')
  },
})

export const English = inLanguage('en')
export const German = inLanguage('de')
export const French = inLanguage('fr')
export const Spanish = inLanguage('es')
export const Portuguese = inLanguage('pt-BR')
export const Japanese = inLanguage('ja')
export const Chinese = inLanguage('zh-CN')
export const Arabic = inLanguage('ar', 'rtl')
export const Hebrew = inLanguage('he', 'rtl')
export const Hindi = inLanguage('hi')
