import type { Preview } from '@storybook/web-components-vite'
import './preview.css'
import { withTheme } from './with-theme.js'

const preview: Preview = {
  initialGlobals: { theme: 'dark' },
  globalTypes: {
    theme: {
      description: 'Theme of the elements',
      toolbar: { title: 'Theme', icon: 'contrast', items: ['dark', 'light', 'auto'], dynamicTitle: true },
    },
  },
  parameters: {
    layout: 'padded',
    backgrounds: { disable: true },
    a11y: { test: 'error', options: { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] } },
  },
  decorators: [withTheme],
  tags: ['autodocs'],
}
export default preview
