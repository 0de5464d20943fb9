import type { Decorator } from '@storybook/web-components-vite'

const NAMES = ['upload-panel', 'upload-dropzone', 'upload-queue', 'upload-progress', 'sync-status'].join(',')

/** Gives the toolbar's theme to the elements of a story, and to the page around them. */
export const withTheme: Decorator = (story, { globals: { theme, font } }) => {
  const content: unknown = story()
  if (!(content instanceof HTMLElement)) throw new TypeError('A story answers with an element.')
  const page = document.createElement('div')
  page.className = `story ${theme} ${font}-font`
  page.append(content)
  for (const element of page.querySelectorAll(NAMES)) element.setAttribute('theme', theme)
  return page
}
