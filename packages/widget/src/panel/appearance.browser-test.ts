import { UploadError } from '@upload-panel/core'
import { expect } from 'chai'
import { mountPanel, type PanelHarness, unmountAll } from '../testing/panel-harness.js'

afterEach(unmountAll)

const background = ({ root }: PanelHarness) => getComputedStyle(root.querySelector('.panel') as Element).backgroundColor

describe('the theme', () => {
  it('is dark by default and can be light', async () => {
    const harness = await mountPanel()
    expect(background(harness)).to.equal('rgb(21, 17, 30)')
    harness.panel.theme = 'light'
    await harness.settle()
    expect(harness.panel.getAttribute('theme')).to.equal('light')
    expect(background(harness)).to.equal('rgb(255, 255, 255)')
  })

  it('follows the system when it is auto', async () => {
    const harness = await mountPanel({ attributes: { theme: 'auto' } })
    const isLight = matchMedia('(prefers-color-scheme: light)').matches
    expect(background(harness)).to.equal(isLight ? 'rgb(255, 255, 255)' : 'rgb(21, 17, 30)')
  })

  for (const theme of ['dark', 'light']) {
    it(`gives way to the page's own custom properties when it is ${theme}`, async () => {
      const parent = document.createElement('div')
      parent.style.setProperty('--upload-panel-background', 'rgb(1, 2, 3)')
      parent.style.setProperty('--upload-panel-success', 'rgb(4, 5, 6)')
      document.body.append(parent)
      const harness = await mountPanel({ attributes: { theme }, parent })
      const [id = ''] = await harness.add('a.txt')
      await harness.set(id, { phase: 'completed' })
      expect(background(harness)).to.equal('rgb(1, 2, 3)')
      const badge = harness.row('a.txt').root.querySelector('.badge') as Element
      expect(getComputedStyle(badge).color).to.equal('rgb(4, 5, 6)')
      parent.remove()
    })
  }
})

describe('parts', () => {
  it('reach from the page into the rows', async () => {
    const style = document.createElement('style')
    style.textContent =
      'upload-panel::part(row-uploading) { outline: 3px solid rgb(9, 8, 7) } upload-panel::part(title) { letter-spacing: 5px }'
    document.head.append(style)
    const harness = await mountPanel()
    const [id = ''] = await harness.add('a.txt')
    await harness.set(id, { phase: 'uploading', sentBytes: 1 })
    expect(getComputedStyle(harness.row('a.txt').root.querySelector('.row') as Element).outlineColor).to.equal('rgb(9, 8, 7)')
    expect(getComputedStyle(harness.root.querySelector('.title') as Element).letterSpacing).to.equal('5px')
    style.remove()
  })
})

describe('collapsed', () => {
  it('it is one round button with a ring and the number of files to come', async () => {
    const harness = await mountPanel({ attributes: { collapsed: '' } })
    harness.uploader.add([new File(['1234'], 'a.txt'), new File(['1234'], 'b.txt')])
    harness.uploader.setSummary({ fraction: 0.25 })
    await harness.settle()
    const button = harness.button(/Show uploads/)
    expect(button.querySelector('.count')?.textContent).to.equal('2')
    expect(button.querySelector('.arc')?.getAttribute('stroke-dasharray')).to.equal('25 100')
    expect(button.textContent).to.contain('2 uploading (25%)')
    expect(harness.panel.getBoundingClientRect().width).to.equal(56)
  })

  it('it expands where the attribute goes, and by its methods', async () => {
    const harness = await mountPanel({ attributes: { collapsed: '' } })
    harness.panel.removeAttribute('collapsed')
    await harness.settle()
    expect(harness.hasButton('Collapse')).to.equal(true)
    harness.panel.collapse()
    await harness.settle()
    expect(harness.panel.hasAttribute('collapsed')).to.equal(true)
    harness.panel.expand()
    await harness.settle()
    expect(harness.hasButton('Collapse')).to.equal(true)
  })

  it('it keeps every file, and has all rows again when it expands', async () => {
    const harness = await mountPanel()
    await harness.add('a.txt', 'b.txt')
    harness.panel.collapse()
    await harness.settle()
    await harness.uploader.add([new File(['x'], 'c.txt')])
    harness.panel.expand()
    await harness.settle()
    expect(harness.rows().map((row) => row.name)).to.deep.equal(['a.txt', 'b.txt', 'c.txt'])
  })
})

describe('its size', () => {
  it('fits 320 pixels without scrolling sideways', async () => {
    const parent = document.createElement('div')
    parent.style.inlineSize = '320px'
    document.body.append(parent)
    const harness = await mountPanel({ parent })
    await harness.add('x'.repeat(255), 'a b c.txt')
    const edge = harness.panel.getBoundingClientRect().right
    const ends = Array.from(harness.root.querySelectorAll('button'), (button) => button.getBoundingClientRect().right)
    for (const row of harness.rows())
      ends.push(...Array.from(row.root.querySelectorAll('button'), (button) => button.getBoundingClientRect().right))
    expect(Math.max(...ends)).to.be.at.most(edge)
    expect(harness.scroller.scrollWidth).to.equal(harness.scroller.clientWidth)
    parent.remove()
  })

  for (const width of ['320px', '368px']) {
    it(`shows all tabs of ten thousand files in ${width}`, async () => {
      const parent = document.createElement('div')
      parent.style.inlineSize = width
      document.body.append(parent)
      const harness = await mountPanel({ parent })
      harness.uploader.add(Array.from({ length: 10_000 }, (_, index) => new File([], `${index}.txt`)))
      await harness.settle()
      const tabs = harness.root.querySelector('.tabs') as Element
      expect(tabs.scrollWidth).to.equal(tabs.clientWidth)
      parent.remove()
    })
  }

  it('has room for all of a hundred per cent, with the space that German has', async () => {
    const harness = await mountPanel()
    harness.panel.messages = { locale: 'de' }
    const [id = ''] = await harness.add('a.txt')
    await harness.set(id, { phase: 'completed' })
    expect(harness.row('a.txt').percent).to.equal('100 %')
    const figure = harness.row('a.txt').root.querySelector('.percent .figure') as Element
    expect(figure.scrollWidth).to.be.at.most(figure.clientWidth)
  })

  it('leaves no gap between the buttons of a row that has but two', async () => {
    const harness = await mountPanel()
    const [id = ''] = await harness.add('a.txt')
    await harness.set(id, { phase: 'processing' })
    const [details, cancel] = ['Details', 'Cancel'].map((label) => harness.row('a.txt').button(label).getBoundingClientRect())
    expect((cancel?.left ?? 0) - (details?.right ?? 0)).to.be.within(0, 4)
  })

  it('has its title in the middle of the header where nothing stands below it, and is as high', async () => {
    const harness = await mountPanel()
    const [id = ''] = await harness.add('a.txt')
    const header = harness.root.querySelector('.header') as HTMLElement
    const before = header.offsetHeight
    await harness.set(id, { phase: 'failed', by: 'self', error: new UploadError('network', 'The connection was lost.') })
    harness.uploader.setSummary({ totalBytes: 0 })
    await harness.settle()
    const middle = (element: Element) => element.getBoundingClientRect().top + element.getBoundingClientRect().height / 2
    expect(harness.summary).to.equal('')
    expect(middle(harness.root.querySelector('.title') as Element)).to.be.closeTo(middle(harness.button('Collapse')), 1)
    expect(header.offsetHeight).to.equal(before)
  })

  it('scrolls within the height that the page gives to the list', async () => {
    const parent = document.createElement('div')
    parent.style.setProperty('--upload-panel-list-max-height', '200px')
    document.body.append(parent)
    const harness = await mountPanel({ parent })
    await harness.add(...Array.from({ length: 20 }, (_, index) => `${index}.txt`))
    expect(harness.scroller.clientHeight).to.equal(200)
    expect(harness.scroller.scrollHeight).to.equal(20 * 72)
    parent.remove()
  })

  it('makes room for a problem’s sentence before the paint', async () => {
    const harness = await mountPanel()
    const [id = ''] = await harness.add('a.txt', 'b.txt')
    harness.uploader.set(id, { phase: 'failed', by: 'self', error: new UploadError('network', 'The connection was lost.') })
    await new Promise((resolve) => requestAnimationFrame(resolve))
    const [first, second] = harness.rows().map((row) => row.element.getBoundingClientRect())
    expect(second?.top).to.be.closeTo(first?.bottom ?? 0, 0.5)
  })
})

describe('right to left', () => {
  it('turns the panel round, and bars grow from the right', async () => {
    const parent = document.createElement('div')
    parent.dir = 'rtl'
    document.body.append(parent)
    const harness = await mountPanel({ parent })
    const [id = ''] = harness.uploader.add([new File(['1234'], 'a.txt')])
    harness.uploader.set(id, { phase: 'uploading', sentBytes: 1 })
    await harness.settle()
    const { root } = harness.row('a.txt')
    const at = (selector: string) => (root.querySelector(selector) as Element).getBoundingClientRect()
    expect(at('.thumbnail').left).to.be.greaterThan(at('.line').left)
    expect(at('.actions').right).to.be.lessThan(at('.line').right)
    expect(getComputedStyle(root.querySelector('.fill') as Element).transformOrigin.startsWith('0px')).to.equal(false)
    parent.remove()
  })
})
