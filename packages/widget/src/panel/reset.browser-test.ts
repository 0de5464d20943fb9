import { expect } from 'chai'
import { clearWindow, openWindow } from '../testing/small-window.js'

const RESETS = {
  '* { all: revert }': '* { all: revert }',
  '* { all: unset } with what elements are by nature': '* { all: unset; display: revert } [hidden] { display: none }',
} as const

/** A floating panel in a page of these styles. */
async function inPage(css: string, { width = 1000, height = 800, attributes = {} } = {}) {
  const { window, page, drag } = await openWindow({ width, height })
  const style = window.document.createElement('style')
  style.textContent = css
  window.document.head.append(style)
  const { panel, add, settle, root } = await page.mountPanel({ attributes: { placement: 'floating', remember: 'off', ...attributes } })
  await settle()
  const edges = () => {
    const { left, top, right, bottom } = panel.getBoundingClientRect()
    return { left, top, right: window.innerWidth - right, bottom: window.innerHeight - bottom }
  }
  return { window, panel, add, settle, root, drag, edges }
}

afterEach(clearWindow)

for (const [name, css] of Object.entries(RESETS)) {
  describe(`in a page with ${name}`, () => {
    it('a panel floats in its corner, as wide as ever, and no higher than its window', async () => {
      const { window, panel, add, settle, edges } = await inPage(css)
      expect(window.getComputedStyle(panel).position).to.equal('fixed')
      expect(edges()).to.include({ right: 16, bottom: 16, left: 584 })
      await add(...Array.from({ length: 50 }, (_, index) => `file ${index}.txt`))
      await settle()
      expect(panel.getBoundingClientRect().height).to.equal(600)
    })

    it('it is moved, and its other corners are there, too', async () => {
      const { panel, root, drag, edges } = await inPage(css, { attributes: { placement: 'top-start' } })
      expect(edges()).to.include({ left: 16, top: 16 })
      drag(root.querySelector('.header') as Element, [[40, 30]])
      await panel.updateComplete
      expect(edges()).to.include({ left: 56, top: 46 })
    })

    it('it is a sheet as wide as a phone', async () => {
      const { panel, settle, edges } = await inPage(css, { width: 360, height: 640 })
      panel.expand()
      await settle()
      expect(edges()).to.include({ left: 0, right: 0, bottom: 0 })
    })

    it('it is not there while it is hidden, and becomes part of the page when it is inline', async () => {
      const { window, panel, settle } = await inPage(css)
      panel.hidden = true
      expect(window.getComputedStyle(panel).display).to.equal('none')
      panel.hidden = false
      panel.placement = 'inline'
      await settle()
      expect(window.getComputedStyle(panel).position).to.equal('static')
    })
  })
}

it('a place that the page gives to the panel is left alone', async () => {
  const { window, panel, edges } = await inPage('upload-panel { position: absolute; bottom: 90px; width: 300px }')
  expect(window.getComputedStyle(panel).position).to.equal('absolute')
  expect(edges()).to.include({ right: 16, bottom: 90 })
  expect(panel.getBoundingClientRect().width).to.equal(300)
})
