import { UploadError } from '@upload-panel/core'
import { sendMouse } from '@web/test-runner-commands'
import { expect } from 'chai'
import { axeViolations } from '../testing/axe-violations.js'
import { mountPanel, unmountAll } from '../testing/panel-harness.js'
import { clearWindow, openWindow, type SmallWindow } from '../testing/small-window.js'

let opened: SmallWindow | undefined

async function floating({
  width = 1000,
  height = 800,
  attributes = {},
}: {
  width?: number
  height?: number
  attributes?: Record<string, string>
} = {}) {
  opened = await openWindow({ width, height })
  const harness = await opened.page.mountPanel({ attributes: { placement: 'floating', ...attributes } })
  await harness.settle()
  const part = (selector: string) => {
    const element = harness.root.querySelector<HTMLElement>(selector)
    if (!element) throw new Error(`There is no ${selector}.`)
    return element
  }
  const press = (element: HTMLElement, key: string, shiftKey = false) => {
    element.focus()
    const { KeyboardEvent } = (opened as SmallWindow).window
    return element.dispatchEvent(new KeyboardEvent('keydown', { key, shiftKey, bubbles: true, composed: true, cancelable: true }))
  }
  /** Distances of the panel from the edges of its window. */
  const edges = () => {
    const { left, top, right, bottom } = harness.panel.getBoundingClientRect()
    const { innerWidth, innerHeight } = (opened as SmallWindow).window
    return { left, top, right: innerWidth - right, bottom: innerHeight - bottom }
  }
  const isInside = () => Object.values(edges()).every((distance) => distance >= 0)
  const { panel, root } = harness
  return { harness, panel, root, window: opened, part, press, edges, isInside }
}

afterEach(async () => {
  await clearWindow()
  opened = undefined
  unmountAll()
})

const error = new UploadError('network', 'Cut off.')
const many = (count: number) => Array.from({ length: count }, (_, index) => `file ${index}.txt`)

describe('a floating panel', () => {
  it('is what a tag without attributes is: bottom right, 400 pixels wide', async () => {
    opened = await openWindow({ width: 1000, height: 800 })
    const panel = opened.window.document.createElement('upload-panel')
    opened.window.document.body.append(panel)
    await panel.updateComplete
    const { right, bottom, width } = panel.getBoundingClientRect()
    expect([right, bottom, width]).to.deep.equal([984, 784, 400])
    expect(panel.getAttribute('placement')).to.equal('floating')
  })

  it('is at most 600 pixels high, and its list scrolls', async () => {
    const { harness, panel } = await floating()
    await harness.add(...many(50))
    expect(panel.getBoundingClientRect().height).to.equal(600)
    expect(harness.scroller.scrollHeight).to.be.greaterThan(harness.scroller.clientHeight)
    expect(harness.scroller.getBoundingClientRect().bottom).to.be.at.most(panel.getBoundingClientRect().bottom)
  })

  for (const [width, placement] of [
    [1000, 'bottom-end'],
    [600, 'bottom-end'],
    [600, 'top-start'],
  ] as const) {
    it(`at the ${placement} of ${width} pixels has its toasts over no panel, be it another one’s`, async () => {
      const { harness, window, part } = await floating({ width, attributes: { placement } })
      const panels = [harness.panel]
      if (width === 1000) panels.push((await window.page.mountPanel({ attributes: { placement } })).panel)
      const [id = ''] = await harness.add(...many(20))
      await harness.set(id, { phase: 'completed' })
      harness.uploader.emit('batch-completed', harness.uploader.items())
      await harness.settle()
      const toast = part('.toasts').getBoundingClientRect()
      expect(toast.height).to.be.above(0)
      for (const panel of panels) {
        const { left, right, top, bottom } = panel.getBoundingClientRect()
        expect(toast.right <= left || toast.left >= right || toast.bottom <= top || toast.top >= bottom).to.equal(true)
      }
    })
  }

  it('is never higher than the window', async () => {
    const { harness, window, isInside, part } = await floating()
    await harness.add(...many(50))
    for (const height of [700, 400, 250]) {
      await window.resize(1000, height)
      expect(isInside(), `${height}`).to.equal(true)
    }
    // What has no room is scrolled to.
    expect(part('.panel').scrollHeight).to.be.greaterThan(part('.panel').clientHeight)
  })

  it('stays out of the flow of its page', async () => {
    const { window, panel } = await floating()
    expect(window.window.document.documentElement.scrollHeight).to.equal(800)
    expect(window.window.getComputedStyle(panel).position).to.equal('fixed')
  })

  for (const [placement, expected] of [
    ['bottom-end', { right: 16, bottom: 16 }],
    ['bottom-start', { left: 16, bottom: 16 }],
    ['top-start', { left: 16, top: 16 }],
    ['top-end', { right: 16, top: 16 }],
  ] as const) {
    it(`can be ${placement}`, async () => {
      const { edges } = await floating({ attributes: { placement } })
      expect(edges()).to.include(expected)
    })
  }

  it('is bottom left where text runs from right to left', async () => {
    const { edges, window, panel } = await floating()
    window.window.document.documentElement.dir = 'rtl'
    panel.placement = 'bottom-end'
    await panel.updateComplete
    expect(edges()).to.include({ left: 16, bottom: 16 })
  })

  it('stands where the page’s own style sheet puts it, until it is moved', async () => {
    const { edges, window, press, part } = await floating()
    const style = window.window.document.createElement('style')
    style.textContent = 'upload-panel { --upload-panel-inset-inline: 40px; bottom: 90px }'
    window.window.document.head.append(style)
    expect(edges()).to.include({ right: 40, bottom: 90 })
    press(part('.move'), 'ArrowUp')
    expect(edges()).to.include({ right: 40, bottom: 106 })
  })

  it('is not there while it is hidden', async () => {
    const { panel, window } = await floating()
    panel.hidden = true
    expect(window.window.getComputedStyle(panel).display).to.equal('none')
  })

  it('becomes part of the page when it is inline', async () => {
    const { panel, harness, window } = await floating()
    panel.placement = 'inline'
    await harness.settle()
    expect(panel.getBoundingClientRect().width).to.equal(1000)
    expect(window.window.getComputedStyle(panel).position).to.equal('static')
    expect(harness.hasButton('Move to the next corner')).to.equal(false)
  })
})

describe('dragging', () => {
  it('moves the panel by its header, and it stays there in a window of another size', async () => {
    const { window, part, edges, isInside } = await floating()
    window.drag(part('.header'), [[-100, -60]])
    expect(edges()).to.include({ right: 116, bottom: 76 })
    await window.resize(1400, 900)
    expect(edges()).to.include({ right: 116, bottom: 76 })
    await window.resize(500, 360)
    expect(isInside()).to.equal(true)
  })

  it('is a transform only, until the pointer is released', async () => {
    const { window, part, panel } = await floating()
    const { bottom } = window.window.getComputedStyle(panel)
    window.drag(part('.header'), [[-30, -40]], { keep: true })
    expect(window.window.getComputedStyle(panel).translate).to.equal('-30px -40px')
    expect(window.window.getComputedStyle(panel).bottom).to.equal(bottom)
    expect(panel.getAttribute('style')).to.equal(null)
  })

  it('ends at the edges of the window', async () => {
    const { window, part, edges } = await floating()
    window.drag(part('.header'), [[-5000, -5000]])
    expect(edges()).to.include({ left: 8, top: 8 })
    window.drag(part('.header'), [[5000, 5000]])
    expect(edges()).to.include({ right: 8, bottom: 8 })
  })

  it('begins a few pixels away from where the pointer went down, and later for a finger', async () => {
    const { window, part, edges } = await floating()
    window.drag(part('.header'), [[-3, 0]])
    expect(edges().right).to.equal(16)
    window.drag(part('.header'), [[-6, 0]], { pointerType: 'touch' })
    expect(edges().right).to.equal(16)
    window.drag(part('.header'), [[-20, 0]], { pointerType: 'touch' })
    expect(edges().right).to.equal(36)
  })

  it('does not begin on a button', async () => {
    const { window, harness, edges } = await floating()
    window.drag(harness.button('Collapse'), [[-100, -100]])
    expect(edges()).to.include({ right: 16, bottom: 16 })
  })

  it('is given up by Escape and when the browser takes the pointer', async () => {
    const { window, part, edges } = await floating()
    const escape = new window.window.KeyboardEvent('keydown', { key: 'Escape', bubbles: true, cancelable: true })
    window.drag(part('.header'), [[-100, -100]], { keep: true })
    window.window.document.body.dispatchEvent(escape)
    expect(edges()).to.include({ right: 16, bottom: 16 })
    expect(escape.defaultPrevented).to.equal(true)
    window.drag(part('.header'), [[-100, -100]], { keep: true })
    part('.header').dispatchEvent(new window.window.PointerEvent('pointercancel', { pointerId: 7, bubbles: true, composed: true }))
    expect(edges()).to.include({ right: 16, bottom: 16 })
  })

  it('is that of one pointer: a second finger does nothing', async () => {
    const { window, part, edges } = await floating()
    window.drag(part('.header'), [[-100, -100]], { keep: true })
    for (const type of ['pointermove', 'pointerup']) {
      const other = new window.window.PointerEvent(type, { pointerId: 8, clientX: 300, clientY: 300, bubbles: true, composed: true })
      part('.header').dispatchEvent(other)
    }
    expect(edges()).to.include({ right: 116, bottom: 116 })
  })

  it('does not move an inline panel', async () => {
    const { window, part, panel } = await floating({ attributes: { placement: 'inline' } })
    const before = panel.getBoundingClientRect()
    window.drag(part('.header'), [[50, 50]])
    expect(panel.getBoundingClientRect()).to.deep.equal(before)
  })

  it('works with a real mouse, and a click stays a click', async () => {
    const { panel, root, settle } = await mountPanel({ attributes: { placement: 'top-start', collapsed: '' } })
    const centre = () => {
      const { left, top, width, height } = panel.getBoundingClientRect()
      return [Math.round(left + width / 2), Math.round(top + height / 2)] as [number, number]
    }
    const [x, y] = centre()
    await sendMouse({ type: 'move', position: [x, y] })
    await sendMouse({ type: 'down' })
    await sendMouse({ type: 'move', position: [x + 60, y + 40] })
    await sendMouse({ type: 'up' })
    await settle()
    expect(centre()).to.deep.equal([x + 60, y + 40])
    expect(panel.collapsed).to.equal(true)
    await sendMouse({ type: 'click', position: [x + 60, y + 40] })
    await settle()
    expect(panel.collapsed).to.equal(false)
    expect(root.querySelector('.panel')).not.to.equal(null)
  })
})

describe('without dragging', () => {
  it('arrow keys on the move button move the panel, with Shift further', async () => {
    const { press, part, edges } = await floating()
    press(part('.move'), 'ArrowLeft')
    press(part('.move'), 'ArrowUp')
    expect(edges()).to.include({ right: 32, bottom: 32 })
    press(part('.move'), 'ArrowLeft', true)
    press(part('.move'), 'ArrowUp', true)
    expect(edges()).to.include({ right: 96, bottom: 96 })
    press(part('.move'), 'ArrowRight')
    press(part('.move'), 'ArrowDown')
    expect(edges()).to.include({ right: 80, bottom: 80 })
  })

  it('Home puts it back, and Escape to where it was when the button was reached', async () => {
    const { press, part, edges } = await floating()
    press(part('.move'), 'ArrowLeft')
    part('.move').blur()
    press(part('.move'), 'ArrowLeft')
    press(part('.move'), 'Escape')
    expect(edges().right).to.equal(32)
    press(part('.move'), 'Home')
    expect(edges()).to.include({ right: 16, bottom: 16 })
  })

  it('Escape with nothing to take back is left to the page', async () => {
    const { press, part } = await floating()
    expect(press(part('.move'), 'Escape')).to.equal(true)
    press(part('.move'), 'ArrowLeft')
    expect(press(part('.move'), 'Escape')).to.equal(false)
  })

  it('a press goes round the corners and says where the panel is', async () => {
    const { harness, edges, part, root } = await floating()
    const said: (string | undefined)[] = []
    const seen: object[] = []
    for (let presses = 0; presses < 4; presses += 1) {
      part('.move').click()
      await harness.settle()
      said.push(root.querySelector('[role=status]')?.textContent?.trim())
      seen.push(Object.fromEntries(Object.entries(edges()).filter(([, distance]) => distance === 16)))
    }
    expect(said).to.deep.equal(['Bottom left', 'Top left', 'Top right', 'Bottom right'])
    expect(seen).to.deep.equal([
      { left: 16, bottom: 16 },
      { left: 16, top: 16 },
      { top: 16, right: 16 },
      { right: 16, bottom: 16 },
    ])
  })

  it('the collapsed panel is moved in the same way', async () => {
    const { press, part, edges } = await floating({ attributes: { collapsed: '' } })
    press(part('.bubble'), 'ArrowUp', true)
    expect(edges()).to.include({ right: 16, bottom: 80 })
    expect(part('.bubble').getAttribute('aria-describedby')).to.equal('move-hint')
  })

  it('arrow keys are the page’s when another key is held, and those of the list are the list’s', async () => {
    const { part, edges, window } = await floating()
    const event = new window.window.KeyboardEvent('keydown', { key: 'ArrowLeft', altKey: true, bubbles: true, cancelable: true })
    part('.move').dispatchEvent(event)
    expect(event.defaultPrevented).to.equal(false)
    expect(edges().right).to.equal(16)
  })

  it('in a right-to-left page the left arrow goes left', async () => {
    const { press, part, edges, window, panel } = await floating()
    window.window.document.documentElement.dir = 'rtl'
    panel.placement = 'bottom-end'
    await panel.updateComplete
    press(part('.move'), 'ArrowRight')
    expect(edges().left).to.equal(32)
    press(part('.move'), 'ArrowLeft')
    expect(edges().left).to.equal(16)
  })
})

describe('kept inside the window', () => {
  it('when it is made smaller, and it goes back with it', async () => {
    const { window, part, edges, isInside } = await floating()
    window.drag(part('.header'), [[-250, -200]])
    const before = edges()
    await window.resize(600, 400)
    expect(isInside()).to.equal(true)
    await window.resize(1000, 800)
    expect(edges()).to.deep.equal(before)
  })

  it('when its text grows', async () => {
    const { harness, panel, isInside } = await floating({ width: 700, height: 500 })
    await harness.add(...many(20))
    panel.style.setProperty('--upload-panel-font', '28px / 1.4 sans-serif')
    await harness.settle()
    expect(isInside()).to.equal(true)
  })

  it('when an on-screen keyboard covers the lower part', async () => {
    opened = await openWindow({ width: 1000, height: 800 })
    const { window } = opened
    const viewport = Object.assign(new window.EventTarget(), { scale: 1, height: 800, offsetTop: 0 })
    const real = Object.getOwnPropertyDescriptor(window, 'visualViewport')
    Object.defineProperty(window, 'visualViewport', { value: viewport, configurable: true })
    const { panel, add } = await opened.page.mountPanel({ attributes: { placement: 'floating' } })
    await add(...many(30))
    const cover = (change: { height: number; scale?: number }) => {
      Object.assign(viewport, { scale: 1 }, change)
      viewport.dispatchEvent(new window.Event('resize'))
      return panel.getBoundingClientRect()
    }
    expect(cover({ height: 450 }).bottom).to.equal(434)
    expect(panel.getBoundingClientRect().top).to.be.at.least(0)
    // A page that is magnified with two fingers is no keyboard.
    expect(cover({ height: 400, scale: 2 }).bottom).to.equal(784)
    expect(cover({ height: 800 }).bottom).to.equal(784)
    if (real) Object.defineProperty(window, 'visualViewport', real)
    else Reflect.deleteProperty(window, 'visualViewport')
  })

  it('in a modal dialog it stands in the window’s corner and can be pressed', async () => {
    opened = await openWindow({ width: 1000, height: 800 })
    const { window } = opened
    const dialog = window.document.createElement('dialog')
    window.document.body.append(dialog)
    dialog.showModal()
    const { panel, settle } = await opened.page.mountPanel({ parent: dialog, attributes: { placement: 'floating' } })
    await settle()
    const { right, bottom } = panel.getBoundingClientRect()
    expect([right, bottom]).to.deep.equal([984, 784])
    expect(window.document.elementFromPoint(right - 200, bottom - 40) === panel).to.equal(true)
  })

  for (const cause of ['transform:scale(0.5)', 'filter:blur(0px)', 'contain:layout']) {
    it(`in an ancestor with ${cause} it is lifted above it, and dragged as anywhere`, async () => {
      opened = await openWindow({ width: 1000, height: 800 })
      const { window, page } = opened
      const parent = window.document.createElement('div')
      parent.style.cssText = `position:absolute;left:0;top:0;width:1000px;height:3000px;${cause}`
      window.document.body.append(parent)
      window.document.documentElement.style.overflow = 'hidden'
      const { panel, root, settle } = await page.mountPanel({ parent, attributes: { placement: 'floating' } })
      await settle()
      expect(panel.getBoundingClientRect()).to.include({ right: 984, bottom: 784, width: 400 })
      for (const key of ['ArrowLeft', 'ArrowUp']) {
        root.querySelector('.move')?.dispatchEvent(new window.KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }))
      }
      expect(panel.getBoundingClientRect()).to.include({ right: 968, bottom: 768 })
      // With a frame in between, as a hand has: without, WebKit leaves out the layout.
      const release = opened.drag(root.querySelector('.header') as Element, [[-24, -14]], { keep: true })
      await settle()
      expect(panel.getBoundingClientRect()).to.include({ right: 944, bottom: 754 })
      release()
      expect(panel.getBoundingClientRect()).to.include({ right: 944, bottom: 754 })
      parent.append(panel)
      await settle()
      expect(panel.getBoundingClientRect()).to.include({ right: 944, bottom: 754 })
      panel.placement = 'inline'
      await settle()
      expect(panel.hasAttribute('popover')).to.equal(false)
    })
  }

  it('where a browser has no top layer to lift it into, it is dragged as the pointer goes', async () => {
    opened = await openWindow({ width: 1000, height: 800 })
    const { window, page } = opened
    const parent = window.document.createElement('div')
    parent.style.cssText = 'position:absolute;left:100px;top:50px;width:800px;height:1400px;transform:scale(0.5);transform-origin:0 0'
    window.document.body.append(parent)
    const { showPopover } = window.HTMLElement.prototype
    Reflect.deleteProperty(window.HTMLElement.prototype, 'showPopover')
    const { panel, root } = await page.mountPanel({ parent, attributes: { placement: 'top-start' } })
    window.HTMLElement.prototype.showPopover = showPopover
    const before = panel.getBoundingClientRect()
    opened.drag(root.querySelector('.header') as Element, [[40, 30]])
    const after = panel.getBoundingClientRect()
    expect([after.left - before.left, after.top - before.top]).to.deep.equal([40, 30])
  })
})

describe('several floating panels', () => {
  it('begin in corners of their own', async () => {
    const { window } = await floating()
    const second = await window.page.mountPanel({ attributes: { placement: 'floating' } })
    const third = await window.page.mountPanel({ attributes: { placement: 'floating' } })
    const [a, b] = [second, third].map(({ panel }) => panel.getBoundingClientRect())
    expect([a?.left, a?.bottom]).to.deep.equal([16, 784])
    expect([b?.left, b?.top]).to.deep.equal([16, 16])
  })

  it('leave their corner to the next when they go', async () => {
    const { window, panel } = await floating()
    panel.remove()
    const { panel: next } = await window.page.mountPanel({ attributes: { placement: 'floating' } })
    expect(next.getBoundingClientRect().right).to.equal(984)
  })
})

describe('what is remembered', () => {
  const again = async (attributes: Record<string, string>) => {
    const { page, window } = opened as SmallWindow
    page.unmountAll()
    const harness = await page.mountPanel({ attributes: { placement: 'floating', ...attributes } })
    const { right, bottom } = harness.panel.getBoundingClientRect()
    return { right: window.innerWidth - right, bottom: window.innerHeight - bottom, collapsed: harness.panel.collapsed }
  }

  it('is the place, by the element’s id', async () => {
    const { window, part } = await floating({ attributes: { id: 'tray' } })
    window.drag(part('.header'), [[-100, -60]])
    expect(await again({ id: 'tray' })).to.include({ right: 116, bottom: 76 })
    expect(await again({ id: 'another' })).to.include({ right: 16, bottom: 16 })
  })

  it('is whether the person has collapsed it, by the endpoint', async () => {
    const { harness } = await floating({ attributes: { endpoint: '/here' } })
    harness.button('Collapse').click()
    expect(await again({ endpoint: '/here' })).to.include({ collapsed: true })
    expect(await again({ endpoint: '/there' })).to.include({ collapsed: false })
  })

  it('is not what the page does', async () => {
    const { panel } = await floating({ attributes: { id: 'tray' } })
    panel.collapse()
    expect(await again({ id: 'tray' })).to.include({ collapsed: false })
  })

  it('goes by a name of the page’s, or is nothing', async () => {
    const { press, part } = await floating({ attributes: { id: 'tray', remember: 'anna' } })
    press(part('.move'), 'ArrowLeft')
    expect(await again({ remember: 'anna' })).to.include({ right: 32 })
    expect(await again({ id: 'tray' })).to.include({ right: 16 })
    await clearWindow()
    const off = await floating({ attributes: { id: 'tray', remember: 'off' } })
    off.press(off.part('.move'), 'ArrowLeft')
    expect(await again({ id: 'tray' })).to.include({ right: 16 })
  })

  it('is forgotten when the panel is put back', async () => {
    const { press, part, window } = await floating({ attributes: { id: 'tray' } })
    press(part('.move'), 'ArrowLeft')
    press(part('.move'), 'Home')
    expect(window.window.localStorage.getItem('upload-panel:tray')).to.equal('{}')
  })

  it('cannot be used for harm', async () => {
    opened = await openWindow({ width: 1000, height: 800 })
    const { localStorage } = opened.window
    for (const hostile of [
      '{"spot":{"corner":"bottom-end","offset":{"inline":1e308,"block":-5}},"collapsed":"yes"}',
      '{"spot":{"corner":"top-start;background:url(//evil)"}}',
      '[',
    ]) {
      localStorage.setItem('upload-panel:tray', hostile)
      expect(await again({ id: 'tray' }), hostile).to.deep.equal({ right: 16, bottom: 16, collapsed: false })
    }
  })
})

describe('on a phone', () => {
  const phone = { width: 390, height: 700 }

  it('it begins as a button in the corner', async () => {
    const { panel, edges } = await floating(phone)
    expect(panel.collapsed).to.equal(true)
    expect(edges()).to.include({ right: 16, bottom: 16 })
  })

  it('it is a sheet over the whole width at the bottom, which scrolls within', async () => {
    const { panel, harness, edges } = await floating(phone)
    panel.expand()
    await harness.add(...many(50))
    await harness.settle()
    expect(edges()).to.include({ left: 0, right: 0, bottom: 0 })
    expect(edges().top).to.be.at.least(24)
    expect(panel.getBoundingClientRect().height).to.be.at.most(700 * 0.85)
    expect(harness.scroller.scrollHeight).to.be.greaterThan(harness.scroller.clientHeight)
    expect(getComputedStyle(harness.scroller).overscrollBehaviorY).to.equal('contain')
  })

  it('it is put away by pulling it down, and stays when it was not pulled far', async () => {
    const { panel, harness, window, part, edges } = await floating({ ...phone, attributes: { id: 'tray' } })
    panel.expand()
    await harness.settle()
    window.drag(part('.header'), [[0, 40]], { pointerType: 'touch' })
    await harness.settle()
    expect(panel.collapsed).to.equal(false)
    expect(window.window.getComputedStyle(panel).translate).to.be.oneOf(['none', '0px'])
    window.drag(part('.header'), [[30, 200]], { pointerType: 'touch' })
    await harness.settle()
    expect(panel.collapsed).to.equal(true)
    expect(edges()).to.include({ right: 16, bottom: 16 })
  })

  it('what has ended is told above the sheet, however high both are, and the newest of it alone', async () => {
    const { panel, harness, part } = await floating({ width: 320, height: 480 })
    panel.expand()
    const ids = await harness.add(...many(50))
    for (const id of ids) harness.uploader.set(id, { phase: 'failed', by: 'self', error })
    const end = async () => {
      harness.uploader.emit('batch-completed', harness.uploader.items())
      // Sizes are observed after layout: a frame later the panel knows.
      for (let frame = 0; frame < 3; frame += 1) await harness.settle()
    }
    await end()
    await end()
    const shown = () => Array.from(part('.toasts').children).filter((toast) => toast.getBoundingClientRect().height > 0)
    expect(shown().length).to.equal(1)
    expect(part('.toasts').children.length).to.equal(2)
    expect(part('.panel').getBoundingClientRect().top).to.be.at.least(part('.toasts').getBoundingClientRect().bottom)
    const { top } = panel.getBoundingClientRect()
    part('.toast:last-child [data-action=dismiss]').click()
    await harness.settle()
    part('.toast:last-child [data-action=dismiss]').click()
    for (let frame = 0; frame < 3; frame += 1) await harness.settle()
    expect(panel.getBoundingClientRect().top).to.be.below(top)
  })

  it('a panel that opens while something is told has its height, wherever it was before', async () => {
    const { panel, harness, part } = await floating({ ...phone, attributes: { placement: 'top-start' } })
    const ids = await harness.add(...many(50))
    // These are shown longest.
    for (const id of ids) harness.uploader.set(id, { phase: 'failed', by: 'self', error })
    harness.uploader.emit('batch-completed', harness.uploader.items())
    await harness.settle()
    expect(part('.toasts').getBoundingClientRect().top).to.be.above(phone.height / 2)
    panel.expand()
    for (let frame = 0; frame < 3; frame += 1) await harness.settle()
    expect(panel.getBoundingClientRect().height).to.be.above(phone.height / 2)
    expect(part('.toasts').getBoundingClientRect().bottom).to.be.at.most(part('.panel').getBoundingClientRect().top)
  })

  it('what has ended is told at the bottom where the panel stands in the page', async () => {
    const { harness, part } = await floating({ ...phone, attributes: { placement: 'inline' } })
    const [id = ''] = await harness.add('a.txt')
    await harness.set(id, { phase: 'completed' })
    harness.uploader.emit('batch-completed', harness.uploader.items())
    await harness.settle()
    expect(part('.toasts').getBoundingClientRect().bottom).to.be.closeTo(phone.height - 8, 1)
  })

  it('only one sheet is open', async () => {
    const { panel, harness, window } = await floating(phone)
    const second = await window.page.mountPanel({ attributes: { placement: 'floating' } })
    panel.expand()
    await harness.settle()
    second.panel.expand()
    await harness.settle()
    expect([panel.collapsed, second.panel.collapsed]).to.deep.equal([true, false])
  })

  it('an inline panel is as it always is', async () => {
    const { panel } = await floating({ ...phone, attributes: { placement: 'inline' } })
    expect(panel.collapsed).to.equal(false)
    expect(panel.getBoundingClientRect().top).to.equal(0)
  })
})

describe('the collapsed panel says without a word', () => {
  const shown = async (change: (harness: Awaited<ReturnType<typeof floating>>, ids: readonly string[]) => void) => {
    const it = await floating({ attributes: { collapsed: '' } })
    const ids = await it.harness.add('a.txt', 'b.txt')
    change(it, ids)
    await it.harness.settle()
    return { classes: it.part('.bubble').className, arc: it.root.querySelector('.arc')?.getAttribute('stroke-dasharray') }
  }

  it('how far it is', async () => {
    expect(await shown(({ harness }) => harness.uploader.setSummary({ fraction: 0.4 }))).to.deep.equal({
      classes: 'bubble active',
      arc: '40 100',
    })
  })
  it('that it is paused', async () => {
    expect((await shown(({ harness }) => harness.uploader.setSummary({ held: true, sentBytes: 1 }))).classes).to.equal('bubble paused')
  })
  it('that something failed', async () => {
    const { classes, arc } = await shown(({ harness }, ids) => {
      for (const id of ids) void harness.set(id, { phase: 'failed', by: 'self', error })
    })
    expect([classes, arc]).to.deep.equal(['bubble failed', '100 100'])
  })
  it('that all is done', async () => {
    const { classes } = await shown(({ harness }, ids) => {
      for (const id of ids) void harness.set(id, { phase: 'completed' })
    })
    expect(classes).to.equal('bubble done')
  })
})

describe('style sheets of the page', () => {
  const style = (text: string) => {
    const { document } = (opened as SmallWindow).window
    document.head.append(Object.assign(document.createElement('style'), { textContent: text }))
  }

  it('say how large the panel is, how far from its corner, and above what', async () => {
    const { harness, panel, edges, window } = await floating()
    await harness.add(...many(30))
    style(`upload-panel { --upload-panel-width: 320px; --upload-panel-max-height: 300px; --upload-panel-inset-inline: 50px;
      --upload-panel-inset-block: 70px; --upload-panel-z-index: 7 }`)
    expect(edges()).to.include({ right: 50, bottom: 70 })
    expect(panel.getBoundingClientRect()).to.include({ width: 320, height: 300 })
    expect(window.window.getComputedStyle(panel).zIndex).to.equal('7')
  })

  it('say how dense it is and how its text looks', async () => {
    const { panel, part, window } = await floating()
    style(
      `upload-panel { --upload-panel-padding: 30px; --upload-panel-gap: 4px; --upload-panel-font-size: 20px; --upload-panel-font-family: monospace }`,
    )
    const { getComputedStyle } = window.window
    expect(getComputedStyle(part('.header')).paddingInlineStart).to.equal('30px')
    expect(getComputedStyle(part('.dropzone')).marginTop).to.equal('4px')
    expect(getComputedStyle(panel)).to.include({ fontSize: '20px', fontFamily: 'monospace' })
  })

  it('can ask for its states', async () => {
    const { harness, panel, window } = await floating()
    if (!window.window.CSS.supports('selector(:state(x))')) return
    const states = () =>
      ['empty', 'uploading', 'processing', 'paused', 'failed', 'completed', 'collapsed', 'over', 'dragging'].filter((name) =>
        panel.matches(`:state(${name})`),
      )
    expect(states()).to.deep.equal(['empty'])
    const [first = '', second = ''] = await harness.add('a.txt', 'b.txt')
    expect(states()).to.deep.equal(['uploading'])
    await harness.set(first, { phase: 'completed' })
    await harness.set(second, { phase: 'failed', by: 'self', error: new UploadError('network', 'Cut off.') })
    expect(states()).to.deep.equal(['failed'])
    await harness.set(second, { phase: 'completed' })
    panel.collapse()
    await harness.settle()
    expect(states()).to.deep.equal(['completed', 'collapsed'])
    const release = window.drag(harness.root.querySelector('.bubble') as Element, [[-50, -50]], { keep: true })
    expect(states()).to.contain('dragging')
    release()
    expect(states()).not.to.contain('dragging')
  })

  it('and the panel itself break on no engine without states', async () => {
    opened = await openWindow({ width: 1000, height: 800 })
    const { window, page } = opened
    const { ElementInternals } = window
    const real = Object.getOwnPropertyDescriptor(ElementInternals.prototype, 'states')
    Reflect.deleteProperty(ElementInternals.prototype, 'states')
    const { panel, add, rows } = await page.mountPanel({ attributes: { placement: 'floating' } })
    await add('a.txt')
    panel.collapse()
    await panel.updateComplete
    panel.expand()
    await panel.updateComplete
    if (real) Object.defineProperty(ElementInternals.prototype, 'states', real)
    expect(rows()).to.have.length(1)
  })
})

describe('slots', () => {
  it('take what the page adds to the header, to an empty panel and below it', async () => {
    const { harness, panel, window } = await floating()
    const put = (slot: string) => {
      const element = window.window.document.createElement('button')
      element.textContent = slot
      element.slot = slot
      panel.append(element)
      return element
    }
    const [header, empty, footer] = [put('header'), put('empty'), put('footer')]
    await harness.settle()
    const box = panel.getBoundingClientRect()
    const shown = (element: Element) => element.getBoundingClientRect().height > 0
    expect([header, empty, footer].map(shown)).to.deep.equal([true, true, true])
    expect(footer.getBoundingClientRect().bottom).to.be.closeTo(box.bottom, 2)
    window.drag(header, [[-50, -50]])
    expect(panel.getBoundingClientRect().right).to.equal(box.right)
    await harness.add('a.txt')
    expect([header, empty, footer].map(shown)).to.deep.equal([true, false, true])
  })
})

describe('in a low window', () => {
  it('everything is reached by scrolling, and the header stays in sight', async () => {
    const { harness, part, window, panel } = await floating({ width: 700, height: 240 })
    await harness.add(...many(10))
    const box = part('.panel')
    box.scrollTop = 10_000
    await window.resize(700, 240)
    expect(box.scrollTop).to.be.greaterThan(0)
    expect(part('.header').getBoundingClientRect().top).to.be.closeTo(panel.getBoundingClientRect().top, 2)
    expect(harness.scroller.clientHeight).to.be.at.least(72)
    expect(part('.toolbar').getBoundingClientRect().bottom).to.be.at.most(240)
  })
})

describe('axe finds nothing', () => {
  for (const theme of ['dark', 'light']) {
    it(`in a floating ${theme} panel, open and collapsed`, async () => {
      document.documentElement.lang = 'en'
      document.body.style.background = theme === 'dark' ? '#0d0a14' : '#fff'
      const { panel, add, settle } = await mountPanel({ attributes: { placement: 'floating', theme } })
      await add('a.txt', 'b.txt')
      expect(await axeViolations(panel)).to.deep.equal([])
      panel.collapse()
      await settle()
      expect(await axeViolations(panel)).to.deep.equal([])
    })
  }
})

describe('focus', () => {
  it('goes from the collapse button to the collapsed panel and back', async () => {
    const { harness, root, part } = await floating()
    part('[part~=button-collapse]').focus()
    part('[part~=button-collapse]').click()
    await harness.settle()
    expect(root.activeElement?.className).to.contain('bubble')
    part('.bubble').click()
    await harness.settle()
    expect(root.activeElement?.getAttribute('aria-label')).to.equal('Collapse')
  })

  it('stays where it is when the page collapses the panel or its button is pressed from elsewhere', async () => {
    const { harness, part, window } = await floating()
    const outside = window.window.document.body.appendChild(window.window.document.createElement('button'))
    outside.focus()
    part('[part~=button-collapse]').click()
    await harness.settle()
    expect(window.window.document.activeElement === outside).to.equal(true)
  })
})
