import type { Decorator } from '@storybook/web-components-vite'

const NAMES = ['upload-panel', 'upload-dropzone', 'upload-queue', 'upload-progress', 'sync-status'].join(',')

/** Gives the toolbar's theme and the values of the controls to the elements of a story, and the theme to the page around them. */
export const withTheme: Decorator = (story, { globals: { theme, font }, args }) => {
  const content: unknown = story()
  if (!(content instanceof HTMLElement)) throw new TypeError('A story answers with an element.')
  const page = document.createElement('div')
  page.className = `story ${theme} ${font}-font`
  page.append(content)
  for (const element of page.querySelectorAll(NAMES)) {
    element.setAttribute('theme', theme)
    for (const [name, value] of Object.entries(args)) setControl(element, name, value)
  }
  return page
}

/** A control is called after a property or after an attribute. */
function setControl(element: Element, name: string, value: unknown): void {
  if (name in element) Reflect.set(element, name, value)
  else if (typeof value === 'boolean') element.toggleAttribute(name, value)
  else if (typeof value === 'string' || typeof value === 'number') element.setAttribute(name, `${value}`)
}
