import { sendKeys, sendMouse } from '@web/test-runner-commands'
import { expect } from 'chai'
import { beforePaint } from '../testing/panel-harness.js'
import { mountQueue, phaseOf, type QueueHarness, unmountQueues } from '../testing/queue-harness.js'

const press = (key: string) => sendKeys({ press: key === 'Space' ? ' ' : key })

const many = (count: number) => Array.from({ length: count }, (_, index) => `file ${index}`)
const middle = (element: Element) => {
  const { left, top, width, height } = element.getBoundingClientRect()
  return { x: Math.round(left + width / 2), y: Math.round(top + height / 2) }
}

/** A pointer of the test's own: a mouse or a finger, where the engine's own cannot do it. */
function pointer(target: Element, pointerType = 'mouse') {
  const { x, y } = middle(target)
  let at = y
  const send = (type: string, to: EventTarget, clientY: number) => {
    at = clientY
    const init = {
      bubbles: true,
      composed: true,
      cancelable: true,
      pointerId: 7,
      isPrimary: true,
      button: 0,
      pointerType,
      clientX: x,
      clientY,
    }
    to.dispatchEvent(new PointerEvent(type, init))
  }
  send('pointerdown', target, y)
  return {
    /** Down by so many pixels, or up, in two steps, as a pointer comes: and then a frame for the page. */
    async by(pixels: number) {
      send('pointermove', window, at + pixels / 2)
      await beforePaint()
      send('pointermove', window, at + pixels / 2)
      await beforePaint()
      await beforePaint()
    },
    up: () => send('pointerup', window, at),
    cancel: () => send('pointercancel', window, at),
  }
}

const rowHeight = (harness: QueueHarness) => harness.rows[0]?.offsetHeight ?? 0
const drag = (harness: QueueHarness, name: string) => pointer(harness.button(name, 'handle'))

/** As an event: not every engine's driver holds a key down. */
async function alt(harness: QueueHarness, key: string, shiftKey = false): Promise<void> {
  harness.focused()?.dispatchEvent(new KeyboardEvent('keydown', { key, altKey: true, shiftKey, bubbles: true, composed: true }))
  await harness.settle()
}

/** Frames until something is so; a test that waits in vain runs out of time. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await beforePaint()
}

afterEach(unmountQueues)

describe('a file is dragged', () => {
  it('by its handle with the mouse to another place', async () => {
    const harness = await mountQueue({ names: ['a', 'b', 'c', 'd'] })
    const { x, y } = middle(harness.button('a', 'handle'))
    await sendMouse({ type: 'move', position: [x, y] })
    await sendMouse({ type: 'down' })
    await sendMouse({ type: 'move', position: [x, y + 20] })
    await sendMouse({ type: 'move', position: [x, y + Math.round(rowHeight(harness) * 2)] })
    await harness.settle()
    expect(harness.shown).to.deep.equal(['3 a', '1 b', '2 c', '4 d'])
    expect(harness.queue.matches(':state(reordering)')).to.equal(true)
    await sendMouse({ type: 'up' })
    await sendMouse({ type: 'move', position: [0, 0] })
    await harness.settle()
    expect(harness.engineOrder).to.deep.equal(['b', 'c', 'a', 'd'])
    expect(harness.shown).to.deep.equal(['1 b', '2 c', '3 a', '4 d'])
    expect(harness.said).to.equal('a moved to position 3 of 4.')
    expect(harness.focused() === harness.button('a', 'handle')).to.equal(true)
    expect(harness.queue.matches(':state(reordering)')).to.equal(false)
  })

  it('under its pointer, by a transform alone, while the others make way', async () => {
    const harness = await mountQueue({ names: ['a', 'b', 'c'] })
    const height = rowHeight(harness)
    const before = harness.row('a').getBoundingClientRect().top
    const held = drag(harness, 'a')
    await held.by(height * 0.75)
    expect(harness.row('a').getBoundingClientRect().top - before).to.be.closeTo(height * 0.75, 1)
    expect(harness.row('b').style.transform).to.equal('translateY(0px)')
    expect(harness.row('c').style.transform).to.equal(`translateY(${2 * height}px)`)
    held.cancel()
  })

  it('and no farther than the files that wait: above them are those that upload', async () => {
    const harness = await mountQueue({ names: ['a', 'b', 'c', 'd'], uploader: { autoStart: true, concurrency: 1 } })
    expect(harness.shown).to.deep.equal(['· a', '1 b', '2 c', '3 d'])
    const held = drag(harness, 'd')
    await held.by(-1000)
    held.up()
    await harness.settle()
    expect(harness.shown).to.deep.equal(['· a', '1 d', '2 b', '3 c'])
    expect(harness.engineOrder).to.deep.equal(['d', 'b', 'c'])
  })

  it('through a list of 10,000 that scrolls under it, and its own row goes out of the window', async () => {
    const harness = await mountQueue({ names: many(10_000) })
    const held = drag(harness, 'file 2')
    const bottom = harness.scroller.getBoundingClientRect().bottom
    await held.by(bottom - middle(harness.button('file 2', 'handle')).y + 40)
    await until(() => harness.scroller.scrollTop > 1500)
    expect(harness.rows.length).to.be.at.most(40)
    expect(harness.row('file 2').getBoundingClientRect().bottom).to.be.closeTo(bottom, 2)
    held.up()
    await harness.settle()
    const position = harness.row('file 2').position ?? 0
    expect(position).to.be.above(25)
    expect(harness.engineOrder[position - 1]).to.equal('file 2')
    expect(harness.engineOrder).to.have.length(10_000)
  })

  it('by a finger after a long touch anywhere on its row, and the page does not scroll meanwhile', async () => {
    const harness = await mountQueue({ names: ['a', 'b', 'c'] })
    const body = harness.row('a').shadowRoot?.querySelector('.body') as Element
    const touchMove = () => {
      const event = new Event('touchmove', { bubbles: true, composed: true, cancelable: true })
      body.dispatchEvent(event)
      return event.defaultPrevented
    }
    const held = pointer(body, 'touch')
    expect(touchMove()).to.equal(false)
    await until(() => harness.said.includes('lifted'))
    expect(touchMove()).to.equal(true)
    await held.by(rowHeight(harness) * 2)
    held.up()
    await harness.settle()
    expect(harness.engineOrder).to.deep.equal(['b', 'c', 'a'])
    expect(touchMove()).to.equal(false)
  })

  it('by a long touch, although the queue goes on meanwhile: it is the row that was touched', async () => {
    const harness = await mountQueue({ names: ['a', 'b', 'c', 'd'], uploader: { autoStart: true, concurrency: 1 } })
    const held = pointer(harness.row('c').shadowRoot?.querySelector('.body') as Element, 'touch')
    harness.requests[0]?.respond(200)
    await until(() => harness.said.includes('lifted'))
    expect(phaseOf(harness, 'a')).to.equal('processing')
    expect(harness.said).to.contain('c lifted')
    held.cancel()
    await harness.settle()
    expect(harness.shown).to.deep.equal(['· b', '1 c', '2 d'])
  })

  it('but not by a finger that scrolls, nor by a mouse beside the handle', async () => {
    const harness = await mountQueue({ names: ['a', 'b', 'c'] })
    const body = harness.row('a').shadowRoot?.querySelector('.body') as Element
    // It is over with the first pixels, and not when the browser takes the pointer away.
    const scrolling = pointer(body, 'touch')
    await scrolling.by(40)
    const beside = pointer(body)
    await beside.by(40)
    expect(harness.said).to.equal('')
    expect(harness.shown).to.deep.equal(['1 a', '2 b', '3 c'])
    const held = drag(harness, 'a')
    await held.by(rowHeight(harness))
    held.up()
    await harness.settle()
    expect(harness.shown).to.deep.equal(['1 b', '2 a', '3 c'])
  })

  it('and is put back by Escape, which a dialog around it does not hear', async () => {
    const harness = await mountQueue({ names: ['a', 'b', 'c'] })
    let heard = 0
    const count = () => (heard += 1)
    document.addEventListener('keydown', count)
    const held = drag(harness, 'a')
    await held.by(rowHeight(harness) * 2)
    await press('Escape')
    document.removeEventListener('keydown', count)
    held.up()
    await harness.settle()
    expect(heard).to.equal(0)
    expect(harness.shown).to.deep.equal(['1 a', '2 b', '3 c'])
    expect(harness.engineOrder).to.deep.equal(['a', 'b', 'c'])
    expect(harness.said).to.equal('a is back at position 1 of 3.')
  })

  it('and is put back when its pointer is taken away', async () => {
    const harness = await mountQueue({ names: ['a', 'b', 'c'] })
    const held = drag(harness, 'a')
    await held.by(rowHeight(harness) * 2)
    held.cancel()
    await harness.settle()
    expect(harness.engineOrder).to.deep.equal(['a', 'b', 'c'])
  })

  it('and is put back when the window loses the focus, which no release of the pointer may follow', async () => {
    const harness = await mountQueue({ names: ['a', 'b', 'c'] })
    const held = drag(harness, 'a')
    await held.by(rowHeight(harness) * 2)
    window.dispatchEvent(new Event('blur'))
    await harness.settle()
    expect(harness.queue.matches(':state(reordering)')).to.equal(false)
    held.up()
    await harness.settle()
    expect(harness.engineOrder).to.deep.equal(['a', 'b', 'c'])
  })

  it('among others of a higher priority, and takes on theirs', async () => {
    const harness = await mountQueue({ names: ['a', 'b', 'c'] })
    harness.uploader.setPriority(harness.item('c').id, 1)
    await harness.settle()
    expect(harness.shown).to.deep.equal(['1 c', '2 a', '3 b'])
    const held = drag(harness, 'b')
    await held.by(rowHeight(harness) * -2)
    held.up()
    await harness.settle()
    expect(harness.shown).to.deep.equal(['1 b', '2 c', '3 a'])
    expect(harness.item('b').priority).to.equal(1)
    expect(harness.said).to.equal('b moved to position 1 of 3. b: priority High.')
  })

  it('and the page hears of it once, with the order already changed, and of nothing where it came back', async () => {
    const harness = await mountQueue({ names: ['a', 'b', 'c'] })
    const told: unknown[] = []
    const note = ({ detail, target, bubbles, composed }: HTMLElementEventMap['order-changed']) => {
      const { item, position, previousPosition, previousPriority } = detail
      told.push([item.name, item.priority, position, previousPosition, previousPriority, harness.engineOrder.join('')])
      expect([target === harness.queue, bubbles, composed, Object.isFrozen(detail)]).to.deep.equal([true, true, true, true])
    }
    harness.queue.addEventListener('order-changed', note)
    const held = drag(harness, 'a')
    await held.by(rowHeight(harness))
    expect(told).to.deep.equal([])
    held.up()
    await harness.settle()
    const back = drag(harness, 'a')
    await back.by(rowHeight(harness))
    await back.by(-rowHeight(harness))
    back.up()
    harness.button('b', 'handle').focus()
    await alt(harness, 'ArrowUp')
    await alt(harness, 'ArrowDown', true)
    harness.button('c', 'more').click()
    await harness.settle()
    Array.from(harness.menu.querySelectorAll('button'), (entry) => entry.textContent?.trim() === 'High' && entry.click())
    // What a script does is no news to the page that did it.
    harness.uploader.setPriority(harness.item('a').id, 3)
    await harness.settle()
    expect(told).to.deep.equal([
      ['a', 0, 2, 1, 0, 'bac'],
      ['b', 0, 3, 1, 0, 'acb'],
      ['c', 1, 1, 2, 0, 'cab'],
    ])
  })
})

describe('while a file is moved, the queue goes on', () => {
  /** The list with `name` lifted and held two places further down; `a` begins when the uploader starts. */
  async function holding(name: string) {
    const harness = await mountQueue({ names: ['a', 'b', 'c', 'd', 'e'], uploader: { concurrency: 1 } })
    const held = drag(harness, name)
    await held.by(rowHeight(harness) * 2)
    return { harness, held }
  }

  it('the rows hold still; what began meanwhile is found in its place after the drop', async () => {
    const { harness, held } = await holding('b')
    harness.uploader.start()
    await harness.settle()
    expect(phaseOf(harness, 'a')).to.equal('uploading')
    expect(harness.shown).to.deep.equal(['· a', '4 b', '2 c', '3 d', '5 e'])
    held.up()
    await harness.settle()
    expect(harness.shown).to.deep.equal(['· a', '1 c', '2 d', '3 b', '4 e'])
    expect(harness.engineOrder).to.deep.equal(['c', 'd', 'b', 'e'])
    expect(harness.said).to.equal('b moved to position 3 of 4.')
  })

  it('a file that begins itself is not moved, and that is said', async () => {
    const { harness, held } = await holding('a')
    harness.uploader.start()
    await harness.settle()
    expect(harness.said).to.equal('a is uploading now and was not moved.')
    expect(harness.shown).to.deep.equal(['· a', '1 b', '2 c', '3 d', '4 e'])
    held.up()
    await harness.settle()
    expect(harness.engineOrder).to.deep.equal(['b', 'c', 'd', 'e'])
  })

  it('a file that is removed is gone, and that is said', async () => {
    const { harness, held } = await holding('b')
    harness.uploader.remove(harness.item('b').id)
    await harness.settle()
    expect(harness.said).to.equal('b has left the queue.')
    expect(harness.shown).to.deep.equal(['1 a', '2 c', '3 d', '4 e'])
    held.up()
  })

  it('it comes to stand between those that still wait, where its neighbours are gone', async () => {
    const { harness, held } = await holding('b')
    harness.uploader.cancel(harness.item('d').id)
    harness.uploader.remove(harness.item('e').id)
    await harness.settle()
    expect(harness.rows).to.have.length(5)
    held.up()
    await harness.settle()
    expect(harness.shown).to.deep.equal(['1 a', '2 c', '3 b'])
    expect(harness.engineOrder).to.deep.equal(['a', 'c', 'b'])
  })

  it('files that are added are at the end of the list after the drop', async () => {
    const { harness, held } = await holding('b')
    harness.uploader.add([new File(['x'], 'new')])
    await harness.settle()
    expect(harness.rows).to.have.length(5)
    held.up()
    await harness.settle()
    expect(harness.shown).to.deep.equal(['1 a', '2 c', '3 d', '4 b', '5 e', '6 new'])
  })

  it('the element may be taken away', async () => {
    const { harness, held } = await holding('b')
    harness.queue.remove()
    held.up()
    await harness.settle()
    expect(harness.engineOrder).to.deep.equal(['a', 'b', 'c', 'd', 'e'])
  })
})

describe('with the keyboard', () => {
  async function onHandle(name: string, names: readonly string[] = ['a', 'b', 'c', 'd']) {
    const harness = await mountQueue({ names })
    harness.button(name, 'handle').focus()
    await harness.settle()
    return {
      harness,
      async keys(...keys: readonly string[]) {
        for (const key of keys) await press(key)
        await harness.settle()
      },
      alt: (key: string, shiftKey = false) => alt(harness, key, shiftKey),
    }
  }

  it('Space lifts, arrows move, Space drops, and each is said', async () => {
    const { harness, keys } = await onHandle('a')
    await keys('Space')
    expect(harness.said).to.equal('a lifted, position 1 of 4.')
    await keys('ArrowDown', 'ArrowDown')
    expect(harness.said).to.equal('Position 3 of 4.')
    expect(harness.engineOrder).to.deep.equal(['a', 'b', 'c', 'd'])
    await keys('Space')
    expect(harness.said).to.equal('a moved to position 3 of 4.')
    expect(harness.engineOrder).to.deep.equal(['b', 'c', 'a', 'd'])
    expect(harness.focused() === harness.button('a', 'handle')).to.equal(true)
  })

  it('Enter does the same; Home and End go all the way', async () => {
    const { harness, keys } = await onHandle('b')
    await keys('Enter', 'End', 'Enter')
    expect(harness.engineOrder).to.deep.equal(['a', 'c', 'd', 'b'])
    await keys('Enter', 'Home', 'Enter')
    expect(harness.engineOrder).to.deep.equal(['b', 'a', 'c', 'd'])
  })

  for (const key of ['Escape', 'Tab']) {
    it(`${key} puts it back`, async () => {
      const { harness, keys } = await onHandle('b')
      await keys('Space', 'ArrowDown', key)
      expect(harness.said).to.equal('b is back at position 2 of 4.')
      expect(harness.shown).to.deep.equal(['1 a', '2 b', '3 c', '4 d'])
    })
  }

  it('Alt with an arrow moves it at once, from any button of the row; with Shift all the way', async () => {
    const { harness, alt } = await onHandle('b')
    harness.button('b', 'cancel').focus()
    await alt('ArrowDown')
    expect(harness.engineOrder).to.deep.equal(['a', 'c', 'b', 'd'])
    expect(harness.said).to.equal('b moved to position 3 of 4.')
    expect(harness.focused() === harness.button('b', 'cancel')).to.equal(true)
    await alt('ArrowUp', true)
    expect(harness.engineOrder).to.deep.equal(['b', 'a', 'c', 'd'])
    await alt('ArrowUp')
    expect(harness.said).to.equal('b is back at position 1 of 4.')
  })

  it('a file goes from the first place to the last of 10,000, and stays in sight', async () => {
    const { harness, alt } = await onHandle('file 0', many(10_000))
    await alt('ArrowDown', true)
    await harness.settle()
    expect(harness.engineOrder.at(-1)).to.equal('file 0')
    expect(harness.said).to.equal('file 0 moved to position 10,000 of 10,000.')
    const row = harness.row('file 0').getBoundingClientRect()
    expect(row.bottom).to.be.at.most(harness.scroller.getBoundingClientRect().bottom + 2)
    expect(harness.focused() === harness.button('file 0', 'handle')).to.equal(true)
    expect(harness.rows.length).to.be.at.most(40)
  })

  it('a lifted file is put back when focus goes elsewhere', async () => {
    const { harness, keys } = await onHandle('a')
    await keys('Space', 'ArrowDown')
    harness.button('d', 'cancel').focus()
    await harness.settle()
    expect(harness.said).to.equal('a is back at position 1 of 4.')
    expect(harness.focused() === harness.button('d', 'cancel')).to.equal(true)
  })

  it('what uploads already cannot be moved, and that is said', async () => {
    const harness = await mountQueue({ names: ['a', 'b'], uploader: { autoStart: true, concurrency: 1 } })
    harness.button('a', 'handle').focus()
    await press('Space')
    await harness.settle()
    expect(harness.said).to.equal('a was not moved. It is uploading already and keeps its place.')
    expect(harness.button('a', 'handle').getAttribute('aria-disabled')).to.equal('true')
  })
})
