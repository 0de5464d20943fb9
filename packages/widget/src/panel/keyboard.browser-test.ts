import { UploadError } from '@upload-panel/core'
import { sendKeys } from '@web/test-runner-commands'
import { expect } from 'chai'
import { mountPanel, type PanelHarness, unmountAll } from '../testing/panel-harness.js'

const press = (key: string) => sendKeys({ press: key })
const label = (element: Element | null) => element?.getAttribute('aria-label') ?? element?.textContent?.replace(/\s+/g, ' ').trim() ?? ''
const names = (count: number) => Array.from({ length: count }, (_, index) => `file ${index}.txt`)

/** Presses Tab until an element with this label has focus. */
async function tabTo({ focused }: PanelHarness, wanted: string): Promise<void> {
  const seen: string[] = []
  for (let presses = 0; presses < 20; presses += 1) {
    await press('Tab')
    seen.push(label(focused()))
    if (seen.at(-1) === wanted) return
  }
  throw new Error(`Tab never came to ${wanted}, but to ${seen.join(', ')}`)
}

afterEach(unmountAll)

describe('with the keyboard alone', () => {
  it('every control is reached by Tab in the order in which it is read', async () => {
    const harness = await mountPanel()
    await harness.add('a.txt')
    const seen: string[] = []
    harness.panel.tabIndex = 0
    harness.panel.focus()
    harness.panel.removeAttribute('tabindex')
    for (let presses = 0; presses < 10; presses += 1) {
      await press('Tab')
      seen.push(label(harness.focused()))
    }
    expect(seen).to.deep.equal([
      'Live Answers in 12 ms',
      'Collapse',
      'Choose files',
      'Choose a folder',
      'All 1',
      'Details: a.txt',
      'Pause: a.txt',
      'Cancel: a.txt',
      'Pause all',
      'Cancel all',
    ])
  })

  it('the list is one stop, and the arrow keys lead from file to file', async () => {
    const harness = await mountPanel()
    await harness.add(...names(5))
    await tabTo(harness, 'Cancel: file 0.txt')
    await press('ArrowDown')
    await harness.settle()
    expect(label(harness.focused())).to.equal('Cancel: file 1.txt')
    await press('ArrowUp')
    await harness.settle()
    expect(label(harness.focused())).to.equal('Cancel: file 0.txt')
    await press('End')
    await harness.settle()
    expect(label(harness.focused())).to.equal('Cancel: file 4.txt')
  })

  it('End and Home go through 10,000 files, and the row comes into sight', async () => {
    const harness = await mountPanel()
    await harness.add(...names(10_000))
    await tabTo(harness, 'Pause: file 0.txt')
    await press('End')
    await harness.settle()
    await harness.settle()
    expect(label(harness.focused())).to.equal('Pause: file 9999.txt')
    const row = harness.row('file 9999.txt').element.getBoundingClientRect()
    expect(row.bottom).to.be.at.most(harness.scroller.getBoundingClientRect().bottom + 1)
    await press('Home')
    await harness.settle()
    expect(label(harness.focused())).to.equal('Pause: file 0.txt')
  })

  it('a button is pressed by Enter and by Space', async () => {
    const harness = await mountPanel()
    const [id] = await harness.add('a.txt')
    await tabTo(harness, 'Pause: a.txt')
    await press('Enter')
    expect(harness.uploader.calls.at(-1)).to.deep.equal(['pause', id])
    await press('Tab')
    await press(' ')
    expect(harness.uploader.calls.at(-1)).to.deep.equal(['cancel', id])
  })

  it('the panel collapses and expands, and focus goes with it', async () => {
    const harness = await mountPanel()
    await tabTo(harness, 'Collapse')
    await press('Enter')
    await harness.settle()
    expect(harness.panel.collapsed).to.equal(true)
    expect(label(harness.focused())).to.contain('Show uploads')
    await press('Enter')
    await harness.settle()
    expect(harness.panel.collapsed).to.equal(false)
    expect(label(harness.focused())).to.equal('Collapse')
  })
})

describe('focus is never lost', () => {
  it('when the focused file is removed: the next one has it', async () => {
    const harness = await mountPanel()
    const ids = await harness.add('a.txt', 'b.txt', 'c.txt')
    for (const id of ids) harness.uploader.set(id, { phase: 'completed' })
    await harness.settle()
    harness.row('b.txt').button('Remove').focus()
    await press('Enter')
    await harness.settle()
    expect(label(harness.focused())).to.equal('Remove: c.txt')
    await press('Enter')
    await harness.settle()
    expect(label(harness.focused())).to.equal('Remove: a.txt')
  })

  it('when the last file is removed: the panel has it', async () => {
    const harness = await mountPanel()
    await harness.add('a.txt')
    harness.row('a.txt').button('Cancel').focus()
    harness.uploader.remove('item-1')
    await harness.settle()
    expect(label(harness.focused())).to.equal('Uploads')
  })

  it('when the focused button becomes another: that one has it', async () => {
    const harness = await mountPanel()
    const [id = ''] = await harness.add('a.txt')
    await harness.set(id, { phase: 'failed', by: 'self', error: new UploadError('network', 'Cut off.') })
    harness.row('a.txt').button('Retry').focus()
    await harness.set(id, { phase: 'queued' })
    expect(label(harness.focused())).to.equal('Pause: a.txt')
    await harness.set(id, { phase: 'queued', paused: true })
    expect(label(harness.focused())).to.equal('Resume: a.txt')
  })

  it('when the focused button goes: another of the same file has it', async () => {
    const harness = await mountPanel()
    const [id = ''] = await harness.add('a.txt')
    harness.row('a.txt').button('Pause').focus()
    await harness.set(id, { phase: 'completed' })
    expect(label(harness.focused())).to.equal('Remove: a.txt')
  })

  for (const name of ['file 0.txt', 'file 2.txt']) {
    it(`when the list is scrolled away from it, on ${name}`, async () => {
      const harness = await mountPanel()
      await harness.add(...names(1000))
      harness.row(name).button('Cancel').focus()
      await harness.settle()
      harness.scroller.scrollTop = 40_000
      await harness.settle()
      await harness.settle()
      expect(label(harness.focused())).to.equal(`Cancel: ${name}`)
      expect(harness.rows().length).to.be.at.most(21)
    })
  }

  it('when a button for the whole queue goes: the panel has it', async () => {
    const harness = await mountPanel()
    const [id = ''] = await harness.add('a.txt')
    await harness.set(id, { phase: 'completed' })
    harness.button('Clear 1 completed').focus()
    await press('Enter')
    await harness.settle()
    expect(label(harness.focused())).to.equal('Uploads')
  })

  it('and stays with its file when files before it are removed', async () => {
    const harness = await mountPanel()
    const ids = await harness.add('a.txt', 'b.txt', 'c.txt')
    harness.row('c.txt').button('Cancel').focus()
    harness.uploader.remove(ids[0] as string)
    await harness.settle()
    expect(label(harness.focused())).to.equal('Cancel: c.txt')
    await press('ArrowUp')
    await harness.settle()
    expect(label(harness.focused())).to.equal('Cancel: b.txt')
  })
})
