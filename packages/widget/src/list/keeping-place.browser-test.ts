import { expect } from 'chai'
import { UploadError } from '@upload-panel/core'
import { beforePaint, mountPanel, type ScriptedPanelHarness, unmountAll } from '../testing/panel-harness.js'
import type { UploadPanelList } from './upload-panel-list.js'

const files = (count: number, from = 0) => Array.from({ length: count }, (_, index) => new File(['x'], `file ${from + index}.txt`))
/** A row of more than twice the usual height. */
const wordy = { phase: 'failed', by: 'self', error: new UploadError('network', 'The connection was lost. '.repeat(20)) } as const

afterEach(() => {
  document.body.style.display = ''
  unmountAll()
})

/** A long list, scrolled to a file. */
async function scrolledTo(index: number, count = 500) {
  const harness = await mountPanel()
  const ids = harness.uploader.add(files(count))
  await harness.settle()
  harness.scroller.scrollTop = 72 * index
  await harness.settle()
  return { harness, ids }
}

/** Pixels from the top of the view to that of a file's row. */
const topOf = ({ row, scroller }: ScriptedPanelHarness, index: number) =>
  row(`file ${index}.txt`).element.getBoundingClientRect().top - scroller.getBoundingClientRect().top

/** Rows of which something is in view: names, in the order of the screen, without a gap between them and around them. */
function inView({ rows, scroller }: ScriptedPanelHarness): readonly string[] {
  const view = scroller.getBoundingClientRect()
  const seen = rows()
    .map(({ name, element }) => ({ name, box: element.getBoundingClientRect() }))
    .filter(({ box }) => box.bottom > view.top + 1 && box.top < view.bottom - 1)
    .sort((a, b) => a.box.top - b.box.top)
  let end = view.top
  for (const { name, box } of seen) {
    expect(box.top, name).to.be.at.most(end + 1)
    end = box.bottom
  }
  expect(end, `the last one of ${seen.map(({ name }) => name).join()}`).to.be.at.least(view.bottom - 2)
  return seen.map(({ name }) => name)
}

const listOf = ({ root }: ScriptedPanelHarness) => root.querySelector<UploadPanelList>('upload-panel-list')
const press = ({ focused }: ScriptedPanelHarness, key: string) =>
  focused()?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, composed: true, cancelable: true }))

describe('a list that was hidden', () => {
  for (const [what, hidden] of [
    ['itself', ({ panel }: ScriptedPanelHarness) => panel],
    ['with all that is around it', () => document.body],
  ] as const) {
    it(`${what} shows the same files as before`, async () => {
      const { harness } = await scrolledTo(100)
      const { style } = hidden(harness)
      style.display = 'none'
      await harness.settle()
      style.display = ''
      await harness.settle()
      expect(topOf(harness, 100)).to.be.closeTo(0, 1)
      inView(harness)
    })
  }

  it('shows the file that it was scrolled to meanwhile', async () => {
    const harness = await mountPanel()
    harness.uploader.add(files(100))
    await harness.settle()
    harness.panel.style.display = 'none'
    await harness.settle()
    const [id = ''] = harness.uploader.add(files(50, 100))
    await listOf(harness)?.reveal(id)
    await harness.settle()
    harness.panel.style.display = ''
    await harness.settle()
    expect(topOf(harness, 100)).to.be.closeTo(0, 1)
    inView(harness)
  })

  it('shows files when it had none, wherever it was scrolled to before', async () => {
    const { harness } = await scrolledTo(5000, 10_000)
    harness.uploader.clear('all')
    await harness.settle()
    harness.uploader.add(files(10_000))
    await harness.settle()
    expect(inView(harness)[0]).to.equal('file 0.txt')
  })

  it('shows the files of a tab after one that has none', async () => {
    const { harness } = await scrolledTo(100)
    for (const tab of ['completed', 'all']) {
      harness.panel.setAttribute('tab', tab)
      await harness.settle()
    }
    expect(inView(harness)[0]).to.equal('file 0.txt')
  })

  it('shows the same files in another place of the document', async () => {
    const { harness } = await scrolledTo(100)
    const place = document.createElement('div')
    document.body.append(place)
    place.style.display = 'none'
    place.append(harness.panel)
    await harness.settle()
    place.style.display = ''
    await harness.settle()
    expect(topOf(harness, 100)).to.be.closeTo(0, 1)
    inView(harness)
    document.body.append(harness.panel)
    place.remove()
  })
})

describe('what is in view stays where it is', () => {
  it('when a file leaves above it and another one comes in the same moment', async () => {
    const { harness, ids } = await scrolledTo(100)
    harness.uploader.remove(ids[50] ?? '')
    harness.uploader.add(files(1, 500))
    await harness.settle()
    expect(topOf(harness, 100)).to.be.closeTo(0, 1)
  })

  it('and not the files, when they come into another order', async () => {
    const { harness } = await scrolledTo(100)
    const list = listOf(harness)
    if (list) list.ids = Array.from(harness.uploader.$ids.get()).reverse()
    await harness.settle()
    expect(topOf(harness, 399)).to.be.closeTo(0, 1)
  })

  it('for each step of a scroll, although rows above it turn out to be of another height', async () => {
    const { harness, ids } = await scrolledTo(0)
    for (const [index, id] of ids.entries()) if (index % 2 === 1) harness.uploader.set(id, wordy)
    harness.scroller.scrollTop = 72 * 200
    await harness.settle()
    await harness.settle()
    for (let step = 0; step < 12; step += 1) {
      const [, seen = ''] = inView(harness)
      const index = Number(seen.match(/\d+/)?.[0])
      const before = topOf(harness, index)
      harness.scroller.scrollTop -= 40
      // The scroll's own event, then what it has brought to light.
      await beforePaint()
      await beforePaint()
      expect(topOf(harness, index), `${seen} at step ${step}`).to.be.closeTo(before + 40, 1)
    }
  })
})

describe('the row that the keyboard goes to', () => {
  it('is in view as a whole, although those before it turn out higher', async () => {
    const { harness, ids } = await scrolledTo(0)
    for (const id of ids) harness.uploader.set(id, wordy)
    await harness.settle()
    harness.row('file 0.txt').button('Details').focus()
    press(harness, 'End')
    await harness.settle()
    await harness.settle()
    const { element } = harness.row('file 499.txt')
    expect(element.matches(':focus-within')).to.equal(true)
    expect(element.getBoundingClientRect().bottom).to.be.closeTo(harness.scroller.getBoundingClientRect().bottom, 2)
    inView(harness)
  })
})
