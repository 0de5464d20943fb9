import { type Preview, setCustomElementsManifest } from '@storybook/web-components-vite'
import manifest from 'virtual:custom-elements-manifest'
import '@fontsource/inter/latin-400.css'
import '@fontsource/inter/latin-500.css'
import '@fontsource/inter/latin-600.css'
import '@fontsource/inter/latin-700.css'
import './preview.css'
import { withTheme } from './with-theme.js'

setCustomElementsManifest(manifest)

const preview: Preview = {
  initialGlobals: { theme: 'dark', font: 'system' },
  globalTypes: {
    theme: {
      description: 'Theme of the elements',
      toolbar: { title: 'Theme', icon: 'contrast', items: ['dark', 'light', 'auto'], dynamicTitle: true },
    },
  },
  // The visual check takes its picture then.
  afterEach: () => {
    document.documentElement.dataset.played = ''
  },
  parameters: {
    layout: 'fullscreen',
    backgrounds: { disable: true },
    a11y: { test: 'error', options: { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] } },
  },
  decorators: [withTheme],
  tags: ['autodocs'],
}
export default preview
