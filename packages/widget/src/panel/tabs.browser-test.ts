import { UploadError } from '@upload-panel/core'
import { sendKeys } from '@web/test-runner-commands'
import { expect } from 'chai'
import { mountPanel, type ScriptedPanelHarness, unmountAll } from '../testing/panel-harness.js'

const failure = { phase: 'failed', by: 'self', error: new UploadError('network', 'The connection was lost.') } as const
const names = (count: number) => Array.from({ length: count }, (_, index) => `${index}.txt`)
const shown = ({ rows }: ScriptedPanelHarness) =>
  Array.from(rows())
    .sort((a, b) => Number(a.element.dataset.index) - Number(b.element.dataset.index))
    .map(({ name }) => name)

const tab = ({ root }: ScriptedPanelHarness, name: string): HTMLElement => {
  const found = root.querySelector<HTMLElement>(`#tab-${name}`)
  if (!found) throw new Error(`There is no tab ${name}.`)
  return found
}
const chosen = ({ root }: ScriptedPanelHarness) =>
  Array.from(root.querySelectorAll('[role=tab][aria-selected=true]'), ({ id }) => id.replace('tab-', '')).join()
const frame = () => new Promise((resolve) => requestAnimationFrame(resolve))

/** What becomes of a file reaches a tab at the next frame. */
async function paint({ settle }: ScriptedPanelHarness): Promise<void> {
  await frame()
  await settle()
}

beforeEach(() => localStorage.clear())
afterEach(() => {
  unmountAll()
  document.documentElement.dir = ''
})

describe('the tabs', () => {
  it('are not there as long as there are no files', async () => {
    const harness = await mountPanel()
    expect(harness.root.querySelector('[role=tablist]')).to.equal(null)
  })

  it('count their files', async () => {
    const harness = await mountPanel()
    const [first = '', second = ''] = await harness.add(...names(4))
    await harness.set(first, { phase: 'completed' })
    await harness.set(second, failure)
    const counts = Array.from(harness.root.querySelectorAll('[role=tab]'), (each) => each.textContent?.replace(/\s+/g, ' ').trim())
    expect(counts).to.deep.equal(['All 4', 'Active 2', 'Completed 1', 'Failed 1'])
  })

  it('show what is theirs, in the order of the queue, as it comes and goes', async () => {
    const harness = await mountPanel({ attributes: { tab: 'completed' } })
    const [a = '', b = '', c = ''] = await harness.add(...names(4))
    expect(shown(harness)).to.deep.equal([])
    await harness.set(c, { phase: 'completed' })
    await harness.set(a, { phase: 'completed' })
    await paint(harness)
    expect(shown(harness)).to.deep.equal(['0.txt', '2.txt'])
    await harness.set(b, { phase: 'completed' })
    await harness.set(c, failure)
    await paint(harness)
    expect(shown(harness)).to.deep.equal(['0.txt', '1.txt'])
  })

  it('say in words that they have none, where the keyboard can read it', async () => {
    const harness = await mountPanel({ attributes: { tab: 'failed' } })
    await harness.add('a.txt')
    const place = harness.root.querySelector<HTMLElement>('[role=tabpanel]')
    expect(place?.textContent).to.contain('Nothing has failed')
    expect(place?.tabIndex).to.equal(0)
    expect(place?.getAttribute('aria-labelledby')).to.equal('tab-failed')
  })

  it('are one stop for Tab; arrow keys, Home and End choose', async () => {
    const harness = await mountPanel()
    await harness.add('a.txt')
    tab(harness, 'all').focus()
    const walk = async (key: string) => {
      await sendKeys({ press: key })
      await harness.settle()
      expect(harness.focused()?.id).to.equal(`tab-${chosen(harness)}`)
      expect(harness.root.querySelectorAll('[role=tab][tabindex="0"]').length).to.equal(1)
      return chosen(harness)
    }
    expect(await walk('ArrowRight')).to.equal('active')
    expect(await walk('ArrowLeft')).to.equal('all')
    expect(await walk('ArrowLeft')).to.equal('failed')
    expect(await walk('ArrowRight')).to.equal('all')
    expect(await walk('End')).to.equal('failed')
    expect(await walk('Home')).to.equal('all')
  })

  it('turn round where text runs from right to left', async () => {
    document.documentElement.dir = 'rtl'
    const harness = await mountPanel()
    await harness.add('a.txt')
    tab(harness, 'all').focus()
    await sendKeys({ press: 'ArrowLeft' })
    await harness.settle()
    expect(chosen(harness)).to.equal('active')
  })
})

describe('the chosen tab', () => {
  it('is an attribute and a property', async () => {
    const harness = await mountPanel()
    await harness.add('a.txt')
    expect(harness.panel.hasAttribute('tab')).to.equal(false)
    tab(harness, 'failed').click()
    await harness.settle()
    expect(harness.panel.getAttribute('tab')).to.equal('failed')
    harness.panel.tab = 'active'
    await harness.settle()
    expect([harness.panel.getAttribute('tab'), chosen(harness)]).to.deep.equal(['active', 'active'])
    harness.panel.setAttribute('tab', 'rubbish')
    await harness.settle()
    expect(chosen(harness)).to.equal('all')
  })

  it('comes back after a visit, for this panel and no other', async () => {
    const first = await mountPanel({ attributes: { id: 'mine' } })
    await first.add('a.txt')
    tab(first, 'active').click()
    unmountAll()
    const again = await mountPanel({ attributes: { id: 'mine' } })
    expect(again.panel.tab).to.equal('active')
    expect((await mountPanel({ attributes: { id: 'other' } })).panel.tab).to.equal('all')
    for (const said of ['failed', 'all']) {
      expect((await mountPanel({ attributes: { id: 'mine', tab: said } })).panel.tab).to.equal(said)
    }
  })

  it('is all where the browser kept rubbish', async () => {
    localStorage.setItem('upload-panel:mine', '{"tab":["failed"]}')
    expect((await mountPanel({ attributes: { id: 'mine' } })).panel.tab).to.equal('all')
  })

  it('is what the page says, which is not remembered as the person’s choice', async () => {
    const harness = await mountPanel({ attributes: { id: 'mine' } })
    harness.panel.tab = 'failed'
    await harness.settle()
    expect(localStorage.getItem('upload-panel:mine')).to.equal(null)
  })

  it('gives way to the one that shows what the person has just added', async () => {
    const harness = await mountPanel({ attributes: { tab: 'failed' } })
    await harness.add('a.txt')
    const transfer = new DataTransfer()
    transfer.items.add(new File(['x'], 'new.txt'))
    const drop = new DragEvent('drop', { bubbles: true, composed: true, cancelable: true })
    Object.defineProperty(drop, 'dataTransfer', { value: transfer })
    harness.panel.dispatchEvent(drop)
    await harness.settle()
    await harness.settle()
    expect([chosen(harness), shown(harness)]).to.deep.equal(['active', ['a.txt', 'new.txt']])
  })
})

describe('a row whose file leaves the tab', () => {
  it('stays while it has focus, and goes when the focus does', async () => {
    const harness = await mountPanel({ attributes: { tab: 'active' } })
    const [, second = ''] = await harness.add(...names(3))
    harness.row('1.txt').button('Cancel').focus()
    await harness.set(second, { phase: 'completed' })
    await paint(harness)
    expect(shown(harness)).to.deep.equal(['0.txt', '1.txt', '2.txt'])
    expect(harness.row('1.txt').element.matches(':focus-within')).to.equal(true)
    await sendKeys({ press: 'ArrowDown' })
    await paint(harness)
    await paint(harness)
    expect(shown(harness)).to.deep.equal(['0.txt', '2.txt'])
    expect(harness.row('2.txt').element.matches(':focus-within')).to.equal(true)
  })

  it('stays under the pointer, and nothing comes between, until the pointer has left the list', async () => {
    const harness = await mountPanel({ attributes: { tab: 'active' } })
    const [first = '', second = '', third = ''] = await harness.add(...names(4))
    await harness.set(first, failure)
    await paint(harness)
    const place = harness.root.querySelector('.files')
    place?.dispatchEvent(new PointerEvent('pointerenter'))
    const top = harness.row('3.txt').element.getBoundingClientRect().top
    await harness.set(second, { phase: 'completed' })
    await harness.set(first, { phase: 'queued' })
    await harness.set(third, { phase: 'completed' })
    await paint(harness)
    expect(shown(harness)).to.deep.equal(['1.txt', '2.txt', '3.txt'])
    expect(harness.row('1.txt').badge).to.equal('Completed')
    expect(harness.row('3.txt').element.getBoundingClientRect().top).to.equal(top)
    place?.dispatchEvent(new PointerEvent('pointerleave'))
    await paint(harness)
    expect(shown(harness)).to.deep.equal(['0.txt', '3.txt'])
  })

  it('is not waited for by a pointer that was over a panel that has been collapsed', async () => {
    const harness = await mountPanel({ attributes: { tab: 'active' } })
    const [first = ''] = await harness.add(...names(2))
    harness.root.querySelector('.files')?.dispatchEvent(new PointerEvent('pointerenter'))
    harness.panel.collapse()
    await harness.settle()
    await harness.set(first, { phase: 'completed' })
    harness.panel.expand()
    await paint(harness)
    await paint(harness)
    expect(shown(harness)).to.deep.equal(['1.txt'])
  })
})

describe('cancel all', () => {
  const action = ({ root }: ScriptedPanelHarness, name: string) => root.querySelector<HTMLElement>(`[data-action=${name}]`)
  const cancelled = ({ uploader }: ScriptedPanelHarness) => uploader.calls.filter(([method]) => method === 'cancel').length

  it('asks once, with the harmless answer in focus', async () => {
    const harness = await mountPanel()
    await harness.add(...names(3))
    action(harness, 'cancel-all')?.focus()
    await sendKeys({ press: 'Enter' })
    await harness.settle()
    const question = harness.root.querySelector('[role=alertdialog]')
    expect(question?.textContent).to.contain('Cancel 3 uploads?')
    expect(harness.focused()?.textContent?.trim()).to.equal('Keep uploading')
    expect(cancelled(harness)).to.equal(0)
    await sendKeys({ press: 'Escape' })
    await harness.settle()
    expect(harness.root.querySelector('[role=alertdialog]')).to.equal(null)
    expect(harness.focused()?.textContent?.trim()).to.equal('Cancel all')
  })

  it('cancels when that is confirmed', async () => {
    const harness = await mountPanel()
    await harness.add(...names(2))
    action(harness, 'cancel-all')?.click()
    await harness.settle()
    action(harness, 'confirm')?.click()
    expect(cancelled(harness)).to.equal(1)
  })

  it('asks nothing about one file', async () => {
    const harness = await mountPanel()
    await harness.add('a.txt')
    action(harness, 'cancel-all')?.click()
    expect(cancelled(harness)).to.equal(1)
  })

  it('asks no more when all has ended meanwhile, and leaves the focus in the panel', async () => {
    const harness = await mountPanel()
    const ids = await harness.add(...names(2))
    action(harness, 'cancel-all')?.click()
    await harness.settle()
    for (const id of ids) await harness.set(id, { phase: 'completed' })
    expect(harness.root.querySelector('[role=alertdialog]')).to.equal(null)
    expect(harness.root.activeElement?.classList.contains('panel')).to.equal(true)
  })
})

describe('the job', () => {
  it('is shown where one is followed', async () => {
    const harness = await mountPanel({ attributes: { 'job-id': 'job-1' } })
    const [first = '', second = ''] = await harness.add(...names(3))
    await harness.set(first, { phase: 'completed' })
    await harness.set(second, failure)
    const job = harness.root.querySelector('[part=job]')
    expect(job?.textContent?.replace(/\s+/g, ' ').trim()).to.equal('Job In progress 1 of 3 completed · 1 failed')
  })

  it('is hidden otherwise', async () => {
    const harness = await mountPanel()
    await harness.add('a.txt')
    expect(harness.root.querySelector('[part=job]')).to.equal(null)
    harness.panel.showJob = true
    await harness.settle()
    expect(harness.root.querySelector('[part=job]')?.textContent).to.contain('0 of 1 completed')
  })
})
