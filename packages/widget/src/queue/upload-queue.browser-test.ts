import { UploadError } from '@upload-panel/core'
import { sendKeys } from '@web/test-runner-commands'
import { expect } from 'chai'
import { english } from '../messages/english.js'
import { axeViolations } from '../testing/axe-violations.js'
import { mountQueue, phaseOf, type QueueHarness, unmountQueues } from '../testing/queue-harness.js'
import { scriptedUploader } from '../testing/scripted-uploader.js'
import '../upload-panel.js'

const press = (key: string) => sendKeys({ press: key })
const many = (count: number) => Array.from({ length: count }, (_, index) => `file ${index}`)
const running = { autoStart: true, concurrency: 1 }

function figures({ root }: QueueHarness): readonly string[] {
  return Array.from(root.querySelectorAll('.statistic'), (figure) => figure.textContent?.replace(/\s+/g, ' ').trim() ?? '')
}

function entry({ menu }: QueueHarness, label: string): HTMLButtonElement {
  const found = Array.from(menu.querySelectorAll('button')).find((button) => button.textContent?.trim() === label)
  if (!found) throw new Error(`The menu has no ${label}.`)
  return found
}

async function open(harness: QueueHarness, name: string): Promise<void> {
  harness.button(name, 'more').click()
  await harness.settle()
}

beforeEach(() => {
  document.documentElement.lang = 'en'
})
afterEach(() => {
  document.documentElement.dir = ''
  unmountQueues()
})

describe('the queue shows', () => {
  it('what uploads, then what waits with its number, by priority', async () => {
    const harness = await mountQueue({ names: ['a', 'b', 'c', 'd'], uploader: running })
    harness.uploader.setPriority(harness.item('d').id, 1)
    await harness.settle()
    expect(harness.shown).to.deep.equal(['· a', '1 d', '2 b', '3 c'])
    expect(harness.row('d').shadowRoot?.querySelector('.priority')?.textContent).to.equal('Priority: High')
    expect(harness.row('b').shadowRoot?.querySelector('.priority')).to.equal(null)
  })

  it('how many of each, and what they come to', async () => {
    const harness = await mountQueue({ names: ['a', 'b', 'c', 'd'], uploader: running })
    harness.uploader.pause(harness.item('c').id)
    harness.requests[0]?.progress(3)
    await harness.settle()
    expect(figures(harness)).to.deep.equal(['Waiting 2', 'Uploading 1', 'Paused 1', 'Done 0', 'Failed 0'])
    expect(harness.root.querySelector('.summary')?.textContent).to.equal('3 bytes of 28 bytes')
    expect(harness.row('c').shadowRoot?.querySelector('.badge')?.textContent).to.equal('Paused')
  })

  it('a bar that goes a little way at once, and glides a long one', async () => {
    const harness = await mountQueue({ names: [], uploader: running })
    harness.uploader.add([new File(['x'.repeat(1000)], 'a')])
    await harness.settle()
    const seen: (string | undefined)[] = []
    for (const sent of [100, 105, 500]) {
      harness.requests[0]?.progress(sent)
      await harness.settle()
      const fill = harness.row('a').shadowRoot?.querySelector<HTMLElement>('.fill')
      seen.push(`${fill?.className} ${fill?.style.transform}`)
    }
    expect(seen).to.deep.equal(['fill glides scaleX(0.1)', 'fill scaleX(0.105)', 'fill glides scaleX(0.5)'])
  })

  it('the next file going when one has gone', async () => {
    const harness = await mountQueue({ names: ['a', 'b', 'c'], uploader: running })
    harness.requests[0]?.respond(200)
    await harness.settle()
    await harness.settle()
    expect(harness.shown).to.deep.equal(['· b', '1 c'])
    harness.say('a', { status: 'completed', progress: 100 })
    await harness.settle()
    expect(figures(harness)[3]).to.equal('Done 1')
  })

  it('rows that stay where they are under a pointer while files begin and end', async () => {
    const harness = await mountQueue({ names: ['a', 'b', 'c'], uploader: running })
    harness.scroller.dispatchEvent(new PointerEvent('pointerenter', { pointerType: 'mouse' }))
    harness.requests[0]?.respond(200)
    await harness.settle()
    await harness.settle()
    expect(harness.shown).to.deep.equal(['· a', '· b', '1 c'])
    harness.uploader.add([new File(['x'], 'd')])
    await harness.settle()
    expect(harness.shown).to.deep.equal(['· b', '1 c', '2 d'])
    harness.requests[1]?.respond(200)
    await harness.settle()
    await harness.settle()
    harness.scroller.dispatchEvent(new PointerEvent('pointerleave', { pointerType: 'mouse' }))
    await harness.settle()
    expect(harness.shown).to.deep.equal(['· c', '1 d'])
  })

  it('10,000 files in a few rows, in which a file’s progress renders its own row alone', async () => {
    const harness = await mountQueue({ names: many(10_000), uploader: running })
    expect(harness.rows.length).to.be.at.most(40)
    const changed = new Set<Node>()
    for (const row of harness.rows) {
      const observer = new MutationObserver(() => changed.add(row))
      observer.observe(row.shadowRoot as ShadowRoot, { subtree: true, childList: true, characterData: true, attributes: true })
    }
    harness.requests[0]?.progress(3)
    await harness.settle()
    expect(changed.size).to.equal(1)
    expect(changed.has(harness.row('file 0'))).to.equal(true)
  })

  it('that nothing waits, in its own words or the page’s', async () => {
    const harness = await mountQueue({ names: [] })
    expect(harness.root.querySelector('.empty strong')?.textContent).to.equal('Nothing is waiting')
    expect(harness.queue.matches(':state(empty)')).to.equal(true)
    harness.queue.innerHTML = '<p slot="empty">All done.</p>'
    expect(harness.root.querySelector('slot')?.assignedElements()[0]?.textContent).to.equal('All done.')
    harness.uploader.add([new File(['x'], 'a')])
    await harness.settle()
    expect(harness.queue.matches(':state(empty)')).to.equal(false)
    expect(harness.shown).to.deep.equal(['1 a'])
  })

  it('the queue of the panel that it is for', async () => {
    const panel = document.createElement('upload-panel')
    panel.id = 'the-panel'
    panel.endpoint = '/nowhere'
    panel.realtime = 'none'
    panel.noAutoStart = true
    const queue = document.createElement('upload-queue')
    queue.htmlFor = 'the-panel'
    document.body.append(queue, panel)
    await panel.updateComplete
    panel.addFiles([new File(['x'], 'a')])
    await queue.updateComplete
    expect(queue.uploader === panel.uploader).to.equal(true)
    expect(queue.uploader?.items()).to.have.length(1)
    queue.remove()
    panel.remove()
  })
})

describe('a file of the queue', () => {
  it('is paused, resumed and cancelled by its buttons', async () => {
    const harness = await mountQueue({ names: ['a', 'b'] })
    harness.button('a', 'pause').click()
    await harness.settle()
    expect(harness.item('a').paused).to.equal(true)
    harness.button('a', 'resume').click()
    await harness.settle()
    expect(harness.item('a').paused).to.equal(false)
    harness.button('a', 'cancel').focus()
    await press('Enter')
    await harness.settle()
    expect(phaseOf(harness, 'a')).to.equal('cancelled')
    expect(harness.shown).to.deep.equal(['1 b'])
    expect(harness.list.activeElement).to.equal(harness.row('b'))
  })

  it('takes its file again where that was lost', async () => {
    const uploader = scriptedUploader()
    const [id = ''] = uploader.add([new File(['x'], 'a')])
    uploader.set(id, { phase: 'waiting', reason: 'file', error: new UploadError('file_unreadable', 'Choose the file again.') })
    const harness = await mountQueue({ names: [] })
    harness.queue.uploader = uploader
    await harness.settle()
    expect(harness.button('a', 'choose-again').title).to.equal('Choose the file again')
    const input = harness.row('a').shadowRoot?.querySelector('input') as HTMLInputElement
    const chosen = new DataTransfer()
    chosen.items.add(new File(['x'], 'a'))
    input.files = chosen.files
    input.dispatchEvent(new Event('change'))
    expect(uploader.calls.at(-1)?.slice(0, 2)).to.deep.equal(['replaceFile', id])
  })

  it('hands focus to the element when it was the last', async () => {
    const harness = await mountQueue({ names: ['a'] })
    harness.button('a', 'cancel').focus()
    await press('Enter')
    await harness.settle()
    expect(harness.root.activeElement?.className).to.equal('panel')
  })

  it('is a step of the arrow keys within one tab stop', async () => {
    const harness = await mountQueue({ names: ['a', 'b', 'c'] })
    harness.button('a', 'cancel').focus()
    await press('ArrowDown')
    await harness.settle()
    expect(harness.focused()).to.equal(harness.button('b', 'cancel'))
    await press('End')
    await harness.settle()
    expect(harness.focused()).to.equal(harness.button('c', 'cancel'))
    expect(harness.rows.map((row) => row.isTabStop)).to.deep.equal([false, false, true])
  })
})

describe('the menu of a file', () => {
  for (const [label, order, said] of [
    ['Move to the top', ['c', 'a', 'b', 'd'], 'c moved to position 1 of 4.'],
    ['Move up', ['a', 'c', 'b', 'd'], 'c moved to position 2 of 4.'],
    ['Move down', ['a', 'b', 'd', 'c'], 'c moved to position 4 of 4.'],
    ['Move to the bottom', ['a', 'b', 'd', 'c'], 'c moved to position 4 of 4.'],
  ] as const) {
    it(`does what a drag does: ${label}`, async () => {
      const harness = await mountQueue({ names: ['a', 'b', 'c', 'd'] })
      await open(harness, 'c')
      entry(harness, label).click()
      await harness.settle()
      expect(harness.engineOrder).to.deep.equal(order)
      expect(harness.said).to.equal(said)
      expect(harness.focused()).to.equal(harness.button('c', 'more'))
      expect(harness.menu.matches(':popover-open')).to.equal(false)
    })
  }

  it('sets its priority, and says where it stands then', async () => {
    const harness = await mountQueue({ names: ['a', 'b', 'c'] })
    await open(harness, 'c')
    expect(entry(harness, 'Normal').getAttribute('aria-checked')).to.equal('true')
    entry(harness, 'High').click()
    await harness.settle()
    expect(harness.shown).to.deep.equal(['1 c', '2 a', '3 b'])
    expect(harness.said).to.equal('c moved to position 1 of 3. c: priority High.')
  })

  it('goes round by the arrow keys, and Escape leads back to its button', async () => {
    const harness = await mountQueue({ names: ['a', 'b'] })
    harness.button('a', 'more').focus()
    await press('Enter')
    await harness.settle()
    expect(harness.focused()).to.equal(entry(harness, 'Move down'))
    await press('Home')
    await press('ArrowUp')
    expect(harness.focused()).to.equal(entry(harness, 'Cancel'))
    await press('ArrowDown')
    expect(harness.focused()).to.equal(entry(harness, 'Move to the top'))
    await press('Escape')
    await harness.settle()
    expect(harness.focused()).to.equal(harness.button('a', 'more'))
    expect(harness.button('a', 'more').getAttribute('aria-expanded')).to.equal('false')
  })

  it('offers no place to what has one, or cannot have another', async () => {
    const harness = await mountQueue({ names: ['a', 'b', 'c'], uploader: running })
    const disabled = () => ['Move up', 'Move down'].map((label) => entry(harness, label).getAttribute('aria-disabled'))
    await open(harness, 'a')
    expect(disabled()).to.deep.equal(['true', 'true'])
    harness.button('a', 'more').click()
    await open(harness, 'b')
    expect(disabled()).to.deep.equal(['true', null])
    entry(harness, 'Move up').click()
    await harness.settle()
    expect(harness.engineOrder).to.deep.equal(['b', 'c'])
  })

  it('closes with a press elsewhere, with its file, and with a scroll', async () => {
    const harness = await mountQueue({ names: many(50) })
    const isOpen = () => harness.menu.matches(':popover-open')
    await open(harness, 'file 1')
    expect(isOpen()).to.equal(true)
    document.body.dispatchEvent(new PointerEvent('pointerdown', { bubbles: true }))
    await harness.settle()
    expect(isOpen()).to.equal(false)
    await open(harness, 'file 1')
    harness.uploader.remove(harness.item('file 1').id)
    await harness.settle()
    expect(isOpen()).to.equal(false)
    await open(harness, 'file 2')
    harness.scroller.scrollTop = 200
    await harness.settle()
    expect(isOpen()).to.equal(false)
  })
})

describe('for everybody', () => {
  for (const theme of ['dark', 'light']) {
    it(`axe finds nothing in the ${theme} queue, with a file of each kind, and with its menu`, async () => {
      document.body.style.background = theme === 'dark' ? '#0d0a14' : '#fff'
      const harness = await mountQueue({ names: ['a', 'b', 'c', 'd', 'e'], attributes: { theme }, uploader: running })
      harness.uploader.setPriority(harness.item('c').id, 1)
      harness.uploader.setPriority(harness.item('d').id, -1)
      harness.uploader.pause(harness.item('e').id)
      await harness.settle()
      expect(await axeViolations(harness.queue)).to.deep.equal([])
      await open(harness, 'b')
      expect(await axeViolations(harness.queue)).to.deep.equal([])
    })
  }

  it('a handle says what it moves, where that is, and how', async () => {
    const harness = await mountQueue({ names: ['a', 'b'] })
    const handle = harness.button('b', 'handle')
    expect(handle.getAttribute('aria-label')).to.equal('Move: b, Position 2 of 2')
    const hint = harness.row('b').shadowRoot?.getElementById(handle.getAttribute('aria-describedby') ?? '')
    expect(hint?.textContent).to.equal(english.queue.handleHint)
  })

  it('it reads from right to left', async () => {
    document.documentElement.dir = 'rtl'
    const harness = await mountQueue({ names: ['a', 'b'] })
    const handle = harness.button('a', 'handle').getBoundingClientRect()
    const more = harness.button('a', 'more').getBoundingClientRect()
    expect(handle.left).to.be.above(more.right)
    const details = harness.row('a').shadowRoot?.querySelector<HTMLElement>('.details') as HTMLElement
    // As that of a sentence in English: it stays at the start of the row.
    details.dir = 'ltr'
    expect(getComputedStyle(details).textAlign).to.equal('right')
    await open(harness, 'a')
    expect(harness.menu.getBoundingClientRect().left).to.be.closeTo(more.left, 1)
  })

  it('a narrow one keeps every action: in the menu', async () => {
    const box = document.createElement('div')
    box.style.inlineSize = '320px'
    document.body.append(box)
    const harness = await mountQueue({ names: ['a'], parent: box })
    expect(harness.button('a', 'pause').getBoundingClientRect().width).to.equal(0)
    await open(harness, 'a')
    entry(harness, 'Pause').click()
    await harness.settle()
    expect(harness.item('a').paused).to.equal(true)
    expect(harness.queue.scrollWidth).to.be.at.most(320)
    box.remove()
  })
})
