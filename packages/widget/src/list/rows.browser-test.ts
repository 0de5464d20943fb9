import { expect } from 'chai'
import { UploadError } from '@upload-panel/core'
import { beforePaint, mountPanel, type RowHarness, type ScriptedPanelHarness, unmountAll } from '../testing/panel-harness.js'
import { sendKeys } from '@web/test-runner-commands'

const manyFiles = Array.from({ length: 10_000 }, (_, index) => new File(['x'], `file ${index}.txt`))
const failed = { phase: 'failed', by: 'self', error: new UploadError('network', 'The connection was lost.') } as const

afterEach(unmountAll)

/** By index, whose shadow tree is written to, and `list` for what is around the rows. */
function watchWrites({ rows, list }: ScriptedPanelHarness): () => readonly string[] {
  const written = new Set<string>()
  const roots = [...rows().map(({ root }) => root), list.shadowRoot ?? list]
  const observers = roots.map((root) => {
    const observer = new MutationObserver(() =>
      written.add(root instanceof ShadowRoot ? ((root.host as HTMLElement).dataset.index ?? 'list') : 'list'),
    )
    observer.observe(root, { subtree: true, childList: true, characterData: true, attributes: true })
    return observer
  })
  return () => {
    for (const observer of observers) observer.disconnect()
    return Array.from(written).sort()
  }
}

async function until<T>(look: () => T | null | undefined): Promise<T> {
  for (;;) {
    const found = look()
    if (found !== null && found !== undefined) return found
    await beforePaint()
  }
}

const inOrder = (rows: readonly RowHarness[]) => rows.map(({ element }) => Number(element.dataset.index))
const detailsButton = (row: RowHarness) => row.button('Details')

describe('10,000 rows', () => {
  it('are at most 40 elements, wherever the list is scrolled to', async () => {
    const { uploader, rows, scroller, settle } = await mountPanel()
    uploader.add(manyFiles)
    await settle()
    for (const top of [0, 1, 36, 5000, 333_333, 719_000, 71, 0]) {
      scroller.scrollTop = top
      await settle()
      expect(rows().length).to.be.at.most(40)
    }
  })

  it('write nothing for the progress of one that is not rendered, and one row for one that is', async () => {
    const harness = await mountPanel()
    const ids = harness.uploader.add(manyFiles)
    for (const index of [2, 9000]) harness.uploader.set(ids[index] ?? '', { phase: 'uploading', sentBytes: 0 })
    await harness.settle()
    let written = watchWrites(harness)
    harness.uploader.set(ids[9000] ?? '', { phase: 'uploading', sentBytes: 1 })
    await beforePaint()
    expect(written()).to.deep.equal([])
    written = watchWrites(harness)
    harness.uploader.set(ids[2] ?? '', { phase: 'uploading', sentBytes: 1 })
    await beforePaint()
    expect(written()).to.deep.equal(['2'])
  })

  it('write nothing for the progress of one that is rendered and out of sight, until it is seen', async () => {
    const harness = await mountPanel()
    const ids = harness.uploader.add(manyFiles)
    await harness.settle()
    const last = Number(harness.rows().at(-1)?.element.dataset.index)
    const id = ids[last] ?? ''
    await harness.set(id, { phase: 'uploading', sentBytes: 0 })
    const written = watchWrites(harness)
    harness.uploader.set(id, { phase: 'uploading', sentBytes: 1 })
    await beforePaint()
    expect(written()).to.deep.equal([])
    harness.scroller.scrollTop = last * 72
    await harness.settle()
    expect(harness.row(`file ${last}.txt`).percent).to.equal('100%')
  })

  it('tell at once of another phase, though out of sight: its row may be of another height', async () => {
    const harness = await mountPanel()
    const ids = harness.uploader.add(manyFiles)
    await harness.settle()
    const last = Number(harness.rows().at(-1)?.element.dataset.index)
    await harness.set(ids[last] ?? '', failed)
    expect(harness.row(`file ${last}.txt`).badge).to.equal('Failed')
  })

  it('lend their elements: a step of a scroll makes none', async () => {
    const harness = await mountPanel()
    harness.uploader.add(manyFiles)
    await harness.settle()
    harness.scroller.scrollTop = 7200
    await until(() => harness.rows().find(({ name }) => name === 'file 100.txt'))
    const before = new Set(harness.rows().map(({ element }) => element))
    harness.scroller.scrollTop = 7200 + 72 * 5
    await until(() => harness.rows().find(({ name }) => name === 'file 112.txt'))
    expect(harness.rows().every(({ element }) => before.has(element))).to.equal(true)
  })

  it('that come into view are there at once, the others by and by, and no element is made for them', async () => {
    const harness = await mountPanel()
    harness.uploader.add(manyFiles)
    await harness.settle()
    const isAt = (index: number) => harness.rows().some(({ name }) => name === `file ${index}.txt`)
    // From here on the row that Tab stops at is one more. At rest, one row is there above those in view.
    harness.scroller.scrollTop = 72 * 100
    await until(() => (isAt(99) && isAt(105) ? true : undefined))
    const before = new Set(harness.rows().map(({ element }) => element))
    const shown = () => new Set(harness.rows().map(({ element }) => Number(element.dataset.index)))
    const inView = () => Array.from({ length: 6 }, (_, place) => 500 + place)
    harness.scroller.scrollTop = 72 * 500
    await until(() => (shown().has(500) ? true : undefined))
    expect(inView().filter((index) => !shown().has(index))).to.deep.equal([])
    expect(Array.from(shown()).filter((index) => index > 0 && index < 200).length, 'rows that wait').to.be.above(0)
    await until(() => (Array.from(shown()).every((index) => index === 0 || index > 490) ? true : undefined))
    expect(harness.rows().every(({ element }) => before.has(element))).to.equal(true)
    expect(harness.rows().length).to.equal(before.size)
  })

  it('are not rendered for leaving the view', async () => {
    const harness = await mountPanel()
    harness.uploader.add(manyFiles)
    await harness.settle()
    const written = watchWrites(harness)
    const first = harness.rows()[1]
    harness.scroller.scrollTop = 72 * 3
    await until(() => (first?.element.isInView === false ? true : undefined))
    await beforePaint()
    expect(written()).not.to.include('1')
  })

  it('write no figures while the list is scrolled, and the last ones once it rests', async () => {
    const harness = await mountPanel()
    const ids = harness.uploader.add(manyFiles)
    harness.uploader.set(ids[3] ?? '', { phase: 'uploading', sentBytes: 0 })
    await harness.settle()
    const row = () => harness.row('file 3.txt')
    const before = row().percent
    harness.scroller.scrollTop = 72 * 2
    await until(() => (row().element.isMoving ? true : undefined))
    harness.uploader.set(ids[3] ?? '', { phase: 'uploading', sentBytes: 1 })
    await beforePaint()
    expect(row().percent).to.equal(before)
    expect(row().root.querySelector<HTMLElement>('.ground')?.style.transform).to.equal('scaleX(1)')
    await until(() => (row().element.isMoving ? undefined : true))
    await harness.settle()
    expect(row().percent).to.equal('100%')
  })

  it('are in the order of reading once the list rests', async () => {
    const harness = await mountPanel()
    harness.uploader.add(manyFiles)
    await harness.settle()
    harness.scroller.scrollTop = 72 * 20 + 10
    await until(() => (harness.rows().some(({ name }) => name === 'file 21.txt') ? true : undefined))
    await until(() => {
      const order = inOrder(harness.rows())
      return order.every((index, place) => place === 0 || index > (order[place - 1] ?? 0)) ? order : undefined
    })
  })

  it('show each file with its own state, however they are scrolled, problems and all', async () => {
    const harness = await mountPanel()
    const ids = harness.uploader.add(manyFiles.slice(0, 200))
    for (const [index, id] of ids.entries()) if (index % 3 === 0) harness.uploader.set(id, failed)
    await harness.settle()
    for (const top of [0, 500, 3000, 2950, 8000, 100_000, 0]) {
      harness.scroller.scrollTop = top
      await harness.settle()
      await harness.settle()
      const rows = Array.from(harness.rows()).sort((a, b) => Number(a.element.dataset.index) - Number(b.element.dataset.index))
      for (const [place, row] of rows.entries()) {
        const index = Number(row.element.dataset.index)
        expect(row.name).to.equal(`file ${index}.txt`)
        expect(row.badge).to.equal(index % 3 === 0 ? 'Failed' : 'Queued')
        const next = rows[place + 1]
        if (Number(next?.element.dataset.index) !== index + 1) continue
        // None lies over another, and none is apart.
        expect(next?.element.getBoundingClientRect().top).to.be.closeTo(row.element.getBoundingClientRect().bottom, 0.5)
      }
    }
  })

  it('keep their heights while the list is hidden', async () => {
    const harness = await mountPanel()
    const ids = harness.uploader.add(manyFiles.slice(0, 100))
    await harness.set(ids[3] ?? '', failed)
    // So that the high one is out of sight, and not measured anew.
    harness.scroller.scrollTop = 72 * 90
    await harness.settle()
    const box = () => harness.list.shadowRoot?.querySelector<HTMLElement>('.rows')?.style.blockSize
    const before = box()
    harness.panel.style.display = 'none'
    await harness.settle()
    harness.panel.style.display = ''
    await harness.settle()
    expect(box()).to.equal(before)
    expect(harness.rows().length).to.be.at.most(40)
  })

  it('stay where they are in sight when one above them leaves', async () => {
    const harness = await mountPanel()
    const ids = harness.uploader.add(manyFiles.slice(0, 500))
    await harness.settle()
    harness.scroller.scrollTop = 72 * 100
    await harness.settle()
    const before = harness.row('file 101.txt').element.getBoundingClientRect().top
    harness.uploader.remove(ids[50] ?? '')
    await harness.settle()
    expect(harness.row('file 101.txt').element.getBoundingClientRect().top).to.be.closeTo(before, 0.5)
  })
})

describe('a tick', () => {
  it('moves nothing but the bar: every box is where and as large as it was', async () => {
    const harness = await mountPanel()
    const [id = ''] = harness.uploader.add([new File(['x'.repeat(1000)], 'a.bin')])
    await harness.set(id, { phase: 'uploading', sentBytes: 1, bytesPerSecond: 1000, secondsLeft: 9 })
    const { root } = harness.row('a.bin')
    const boxes = () =>
      Array.from(root.querySelectorAll<HTMLElement>('.row, .name, .percent, .figure, .badge, .details, .bar, button'), (element) => {
        const { x, y, width, height } = element.getBoundingClientRect()
        return [element.classList[0], x, y, width, height].join(' ')
      })
    const before = boxes()
    for (const sentBytes of [9, 99, 999]) {
      await harness.set(id, { phase: 'uploading', sentBytes, bytesPerSecond: 123_456_789, secondsLeft: 100_000 })
      expect(boxes()).to.deep.equal(before)
    }
  })

  it('of a hundred files moves each bar in view at once, and writes the figures of a few rows, then of the others', async () => {
    const harness = await mountPanel()
    const ids = harness.uploader.add(Array.from({ length: 100 }, (_, index) => new File(['x'.repeat(1000)], `${index}.bin`)))
    for (const id of ids) harness.uploader.set(id, { phase: 'uploading', sentBytes: 0 })
    await harness.settle()
    const inView = harness.rows().filter(({ element }) => element.isInView)
    const bars = () => inView.map(({ root }) => root.querySelector<HTMLElement>('.ground')?.style.transform)
    const figures = () => inView.filter(({ percent }) => percent === '5%').length
    expect(inView.length).to.be.above(4)
    for (const id of ids) harness.uploader.set(id, { phase: 'uploading', sentBytes: 50 })
    expect(bars()).to.deep.equal(inView.map(() => 'scaleX(0.05)'))
    await Promise.all(inView.map(({ element }) => element.updateComplete))
    expect(figures()).to.be.within(1, 3)
    await until(() => (figures() === inView.length ? true : undefined))
  })

  it('that is small writes a transform, and does not glide', async () => {
    const harness = await mountPanel()
    const [id = ''] = harness.uploader.add([new File(['x'.repeat(1000)], 'a.bin')])
    await harness.set(id, { phase: 'uploading', sentBytes: 100 })
    await harness.set(id, { phase: 'uploading', sentBytes: 101 })
    const ground = harness.row('a.bin').root.querySelector('.ground')
    expect(ground?.getAnimations()).to.have.length(0)
    const written: (string | null)[] = []
    const observer = new MutationObserver((records) => written.push(...records.map(({ attributeName }) => attributeName)))
    if (ground) observer.observe(ground, { attributes: true })
    await harness.set(id, { phase: 'uploading', sentBytes: 102 })
    expect(written).to.deep.equal(['style'])
    observer.disconnect()
    await harness.set(id, { phase: 'uploading', sentBytes: 500 })
    expect(ground?.className).to.equal('ground glides')
  })

  it('shows a bar that begins anew at its start', async () => {
    const harness = await mountPanel()
    const [id = ''] = harness.uploader.add([new File(['x'.repeat(1000)], 'a.bin')])
    for (const sentBytes of [0, 400, 800]) await harness.set(id, { phase: 'uploading', sentBytes })
    await harness.set(id, { phase: 'queued', sentBytes: 0 })
    const ground = harness.row('a.bin').root.querySelector<HTMLElement>('.ground')
    expect(ground?.style.transform).to.equal('scaleX(0)')
  })

  it('writes the name’s pieces once', async () => {
    const harness = await mountPanel()
    const [id = ''] = harness.uploader.add([new File(['x'.repeat(1000)], 'a name that is cut in the middle.bin')])
    await harness.set(id, { phase: 'uploading', sentBytes: 1 })
    const name = harness.rows()[0]?.root.querySelector('.name')
    const observer = new MutationObserver(() => {})
    if (name) observer.observe(name, { subtree: true, childList: true, characterData: true, attributes: true })
    await harness.set(id, { phase: 'uploading', sentBytes: 500 })
    expect(observer.takeRecords()).to.have.length(0)
  })
})

describe('the bar', () => {
  const styleOf = (row: RowHarness, part: string) => row.root.querySelector<HTMLElement>(part)?.style
  const scales = (row: RowHarness) => [
    styleOf(row, '.ground')?.transform.replace(/^scaleX\((.*)\)$/, '$1'),
    styleOf(row, '.fill')?.transform.replace(/^scaleX\((.*)\)$/, '$1'),
  ]

  it('is filled by bytes first, then by the server’s work over them', async () => {
    const harness = await mountPanel()
    const [id = ''] = harness.uploader.add([new File(['1234567890'], 'a.bin')])
    await harness.set(id, { phase: 'uploading', sentBytes: 5 })
    expect(scales(harness.row('a.bin'))).to.deep.equal(['0.5', '0'])
    await harness.set(id, {
      phase: 'processing',
      overdue: false,
      server: { operationId: 'o', status: 'in_progress', progress: 40, seen: { isTerminal: false } as never },
    })
    expect(scales(harness.row('a.bin'))).to.deep.equal(['1', '0.4'])
    await harness.set(id, { phase: 'completed' })
    expect(scales(harness.row('a.bin'))).to.deep.equal(['1', '1'])
  })

  it('of another file neither glides nor fades from what this one’s was', async () => {
    const harness = await mountPanel()
    const [first = '', second = ''] = await harness.add('a.bin', 'b.bin')
    await harness.set(first, { phase: 'uploading', sentBytes: 7 })
    await harness.set(second, failed)
    const [row] = harness.rows()
    if (row) row.element.itemId = second
    await harness.settle()
    const bar = row?.root.querySelector('.bar')
    expect(bar?.getAnimations({ subtree: true })).to.have.length(0)
    expect(styleOf(harness.rows()[0] ?? harness.row('b.bin'), '.ground')?.transform).to.equal('scaleX(1)')
  })

  it('of which nobody knows how far it is is moved by the style sheet', async () => {
    const harness = await mountPanel()
    const [id = ''] = await harness.add('a.bin')
    await harness.set(id, { phase: 'processing', overdue: false })
    expect(scales(harness.row('a.bin'))).to.deep.equal(['1', ''])
  })
})

describe('details', () => {
  it('unfold below a row, push the next one down, and fold again', async () => {
    const harness = await mountPanel()
    await harness.add('a.bin', 'b.bin')
    const button = detailsButton(harness.row('a.bin'))
    expect(button.getAttribute('aria-expanded')).to.equal('false')
    button.click()
    await harness.settle()
    expect(button.getAttribute('aria-expanded')).to.equal('true')
    const facts = harness.row('a.bin').root.querySelector('.facts')
    expect(facts?.id).to.equal(button.getAttribute('aria-controls'))
    expect(facts?.textContent).to.contain('Upload ID')
    const [first, second] = harness.rows().map(({ element }) => element.getBoundingClientRect())
    expect(first?.height).to.be.greaterThan(120)
    expect(second?.top).to.be.closeTo(first?.bottom ?? 0, 0.5)
    button.click()
    await harness.settle()
    expect(harness.rows()[0]?.element.offsetHeight).to.equal(72)
  })

  it('belong to the file and not to the element that shows it', async () => {
    const harness = await mountPanel()
    harness.uploader.add(manyFiles.slice(0, 300))
    await harness.settle()
    detailsButton(harness.row('file 3.txt')).click()
    await harness.settle()
    harness.scroller.scrollTop = 72 * 200
    await harness.settle()
    await harness.settle()
    expect(harness.rows().filter(({ root }) => root.querySelector('.facts'))).to.have.length(0)
    harness.scroller.scrollTop = 0
    await harness.settle()
    await harness.settle()
    expect(
      harness
        .rows()
        .filter(({ root }) => root.querySelector('.facts'))
        .map(({ name }) => name),
    ).to.deep.equal(['file 3.txt'])
  })

  it('fold at Escape, which goes no further, and focus is at their button', async () => {
    const harness = await mountPanel()
    await harness.add('a.bin')
    const button = detailsButton(harness.row('a.bin'))
    button.focus()
    button.click()
    await harness.settle()
    harness.row('a.bin').root.querySelector<HTMLElement>('.copy-button')?.focus()
    let escaped = 0
    harness.panel.addEventListener('keydown', () => (escaped += 1))
    await sendKeys({ press: 'Escape' })
    await harness.settle()
    expect(button.getAttribute('aria-expanded')).to.equal('false')
    expect(harness.focused() === button).to.equal(true)
    expect(escaped).to.equal(0)
  })

  it('lead to the confirmed file where its address is safe', async () => {
    const harness = await mountPanel()
    const [id = ''] = await harness.add('a.bin')
    await harness.set(id, { phase: 'completed', result: { url: 'https://cdn.test/a' } })
    detailsButton(harness.row('a.bin')).click()
    await harness.settle()
    const link = harness.row('a.bin').root.querySelector('a')
    expect(link?.href).to.equal('https://cdn.test/a')
    expect(link?.rel).to.contain('noopener')
    await harness.set(id, { phase: 'completed', result: { url: 'javascript:alert(1)' } })
    expect(harness.row('a.bin').root.querySelector('a')).to.equal(null)
  })

  it('show hostile words of the server as text', async () => {
    const harness = await mountPanel()
    const [id = ''] = await harness.add('a.bin')
    await harness.set(id, { ...failed, error: new UploadError('remote_error', 'No.', { remoteCode: '<img src=x onerror=alert(1)>' }) })
    detailsButton(harness.row('a.bin')).click()
    await harness.settle()
    expect(harness.row('a.bin').root.querySelector('img')).to.equal(null)
    expect(harness.row('a.bin').text).to.contain('remote_error: <img')
  })
})

describe('an id', () => {
  const clipboard = Object.getOwnPropertyDescriptor(Navigator.prototype, 'clipboard')
  const { execCommand } = document

  function withClipboard(value: unknown): void {
    Object.defineProperty(navigator, 'clipboard', { value, configurable: true })
  }

  afterEach(() => {
    Reflect.deleteProperty(navigator, 'clipboard')
    document.execCommand = execCommand
    expect(Object.getOwnPropertyDescriptor(Navigator.prototype, 'clipboard')).to.deep.equal(clipboard)
  })

  async function copied(): Promise<{
    readonly harness: ScriptedPanelHarness
    readonly id: string
    readonly said: () => string
    press(): Promise<void>
  }> {
    const harness = await mountPanel()
    const [id = ''] = await harness.add('a.bin')
    detailsButton(harness.row('a.bin')).click()
    await harness.settle()
    const { root } = harness.row('a.bin')
    return {
      harness,
      id,
      said: () => root.querySelector('[role=status]')?.textContent?.trim() ?? '',
      async press() {
        root.querySelector<HTMLElement>('.copy-button')?.click()
        await harness.settle()
      },
    }
  }

  it('is copied, which is said once for each press', async () => {
    const texts: string[] = []
    withClipboard({ writeText: async (text: string) => void texts.push(text) })
    const { harness, id, said, press } = await copied()
    expect(said()).to.equal('')
    await press()
    expect(texts).to.deep.equal([id])
    expect(said()).to.equal('Copied')
    const first = harness.row('a.bin').root.querySelector('[role=status] span')
    await press()
    expect(harness.row('a.bin').root.querySelector('[role=status] span') === first).to.equal(false)
  })

  it('is copied the old way where the clipboard refuses, or is missing', async () => {
    for (const value of [undefined, { writeText: () => Promise.reject(new Error('No.')) }]) {
      withClipboard(value)
      const commands: string[] = []
      document.execCommand = (command) => commands.push(command) > 0
      const { said, press } = await copied()
      await press()
      expect(commands).to.deep.equal(['copy'])
      expect(said()).to.equal('Copied')
      unmountAll()
    }
  })

  it('is not said to be copied in the row of another file, to which the element was lent meanwhile', async () => {
    let resolve = () => {}
    withClipboard({ writeText: () => new Promise<void>((done) => (resolve = done)) })
    const { harness, said, press } = await copied()
    const { element } = harness.row('a.bin')
    const [other = ''] = harness.uploader.add([new File(['x'], 'b.bin')])
    await press()
    element.itemId = other
    resolve()
    await harness.settle()
    expect(said()).to.equal('')
  })

  it('is left selected where nothing copies it, and that is said', async () => {
    withClipboard(undefined)
    document.execCommand = () => false
    const { said, press } = await copied()
    await press()
    expect(said()).to.contain('copy it with the keyboard')
  })
})

describe('Delete', () => {
  it('takes a file that has ended off the list, and focus goes to the next', async () => {
    const harness = await mountPanel()
    const [id = ''] = await harness.add('a.bin', 'b.bin')
    await harness.set(id, { phase: 'completed' })
    harness.row('a.bin').button('Remove').focus()
    await sendKeys({ press: 'Delete' })
    await harness.settle()
    expect(harness.rows().map(({ name }) => name)).to.deep.equal(['b.bin'])
    expect(harness.focused()?.getAttribute('aria-label')).to.equal('Cancel: b.bin')
  })

  it('does nothing to one that goes on', async () => {
    const harness = await mountPanel()
    await harness.add('a.bin')
    harness.row('a.bin').button('Cancel').focus()
    await sendKeys({ press: 'Delete' })
    await harness.settle()
    expect(harness.uploader.calls.map(([method]) => method)).to.deep.equal(['add'])
  })
})

describe('a picture', () => {
  const { createObjectURL, revokeObjectURL } = URL
  const open = new Set<string>()
  let pixel: Blob

  before(async () => {
    pixel = await (await fetch(new URL('../testing/pixel.png', import.meta.url))).blob()
  })
  beforeEach(() => {
    open.clear()
    URL.createObjectURL = (object) => {
      const url = createObjectURL.call(URL, object)
      open.add(url)
      return url
    }
    URL.revokeObjectURL = (url) => {
      open.delete(url)
      revokeObjectURL.call(URL, url)
    }
  })
  afterEach(() => {
    URL.createObjectURL = createObjectURL
    URL.revokeObjectURL = revokeObjectURL
  })

  const pictureOf = (row: RowHarness) => row.root.querySelector<HTMLImageElement>('.thumbnail img')

  it('of the file itself is shown while it is on its way, and no address of it stays open', async () => {
    const harness = await mountPanel()
    harness.uploader.add([new File([pixel], 'a.png', { type: 'image/png' })])
    await harness.settle()
    const picture = await until(() => pictureOf(harness.row('a.png')))
    expect(picture.alt).to.equal('')
    expect(picture.decoding).to.equal('async')
    expect(picture.naturalWidth).to.be.greaterThan(0)
    expect(open.size).to.equal(0)
  })

  it('stays through ticks, and gives way to the server’s once that is there', async () => {
    const harness = await mountPanel()
    const [id = ''] = harness.uploader.add([new File([pixel], 'a.png', { type: 'image/png' })])
    await harness.settle()
    const local = await until(() => pictureOf(harness.row('a.png')))
    await harness.set(id, { phase: 'uploading', sentBytes: 1 })
    expect(pictureOf(harness.row('a.png')) === local).to.equal(true)
    const url = new URL('../testing/pixel.png', import.meta.url).href
    await harness.set(id, { phase: 'completed', result: { thumbnailUrl: url } })
    await until(() => (harness.row('a.png').root.querySelector('.coming') ? undefined : true))
    expect(pictureOf(harness.row('a.png'))?.src).to.equal(url)
  })

  it('that is none, or a program, leaves the type in its place', async () => {
    const harness = await mountPanel()
    harness.uploader.add([
      new File(['no picture at all'], 'broken.png', { type: 'image/png' }),
      new File(['<svg xmlns="http://www.w3.org/2000/svg"/>'], 'drawing.svg', { type: 'image/svg+xml' }),
      new File([pixel], 'good.png', { type: 'image/png' }),
    ])
    await harness.settle()
    await until(() => pictureOf(harness.row('good.png')))
    await harness.settle()
    for (const [name, type] of [
      ['broken.png', 'PNG'],
      ['drawing.svg', 'SVG'],
    ] as const) {
      expect(pictureOf(harness.row(name))).to.equal(null)
      expect(harness.row(name).root.querySelector('.thumbnail')?.textContent?.trim()).to.equal(type)
    }
    expect(open.size).to.equal(0)
  })

  it('of the server is not loaded where the person wants to save data', async () => {
    Object.defineProperty(navigator, 'connection', { value: { saveData: true }, configurable: true })
    try {
      const harness = await mountPanel()
      const [id = ''] = await harness.add('a.bin')
      await harness.set(id, { phase: 'completed', result: { thumbnailUrl: new URL('../testing/pixel.png', import.meta.url).href } })
      expect(pictureOf(harness.row('a.bin'))).to.equal(null)
    } finally {
      Reflect.deleteProperty(navigator, 'connection')
    }
  })

  it('is not read at all with no-thumbnails', async () => {
    const harness = await mountPanel({ attributes: { 'no-thumbnails': '' } })
    const [id = ''] = harness.uploader.add([new File([pixel], 'a.png', { type: 'image/png' })])
    await harness.set(id, { phase: 'completed', result: { thumbnailUrl: new URL('../testing/pixel.png', import.meta.url).href } })
    expect(pictureOf(harness.row('a.png'))).to.equal(null)
  })
})

describe('from right to left', () => {
  it('sizes and speed stand beside the badge', async () => {
    const parent = document.createElement('div')
    parent.dir = 'rtl'
    document.body.append(parent)
    const harness = await mountPanel({ parent })
    await harness.add('a.bin')
    const figure = harness.row('a.bin').root.querySelector('.details .figure') as Element
    const words = document.createRange()
    words.selectNodeContents(figure)
    expect(words.getBoundingClientRect().right).to.be.closeTo(figure.getBoundingClientRect().right, 1)
    parent.remove()
  })
})
