import { UploadError, type UploadItem } from '@upload-panel/core'
import { expect } from 'chai'
import type { ItemChange } from '../testing/an-item.js'
import { serverWord } from '../testing/an-item.js'
import { mountPanel, type RowHarness, unmountAll } from '../testing/panel-harness.js'

/** What no server of good will says. */
const TEXTS = {
  markup: '<img src=x onerror=alert(1)><script>alert(1)</script>',
  'without end': 'W'.repeat(100_000),
  'turned round': 'photo\u202Egpj.exe\u2066',
  'of nothing': '\u200B\u200B',
  'of marks': `e${'\u0301'.repeat(5000)}`,
  'of controls': '\u0000\u0007\u001B[31m\r\n\t',
  'of emoji': '👨‍👩‍👧‍👦'.repeat(255),
  'broken in half': '\uD83D',
  empty: '',
} as const

const NOT_OF_THE_WEB = [
  'javascript:alert(1)',
  ' java\nscript:alert(1)',
  'data:text/html,<script>alert(1)</script>',
  'vbscript:x',
  'file:///etc/passwd',
]

/** The longest sentence that is made of bounded words. */
const LONGEST = 1000

afterEach(() => {
  unmountAll()
  document.documentElement.lang = 'en'
})
beforeEach(() => localStorage.clear())

/** Every element of a tree, through every shadow root. */
function all(root: ParentNode): readonly Element[] {
  return Array.from(root.querySelectorAll('*')).flatMap((element) => [element, ...(element.shadowRoot ? all(element.shadowRoot) : [])])
}

/** All that is shown or told in a tree, piece by piece. */
function said(root: ParentNode): readonly string[] {
  return all(root).flatMap((element) => [
    ...Array.from(element.childNodes, (node) => (node.nodeType === Node.TEXT_NODE ? (node.nodeValue ?? '') : '')),
    ...['title', 'aria-label', 'aria-valuetext'].map((name) => element.getAttribute(name) ?? ''),
  ])
}

const failed = (item: UploadItem): UploadItem & { readonly phase: 'failed' } =>
  Object.freeze({ ...item, phase: 'failed', by: 'self', error: new UploadError('network', 'It was cut off.') })

/** A file is added and changed, and unfolded. */
async function shown(name: string, change: ItemChange) {
  const harness = await mountPanel()
  const [id = ''] = harness.uploader.add([{ file: new File(['x'], name), relativePath: `${'folder/'.repeat(64)}${name}` }])
  await harness.settle()
  await harness.set(id, change)
  const [row] = harness.rows()
  if (!row) throw new Error('There is no row.')
  row.root.querySelector<HTMLElement>('[aria-expanded]')?.click()
  await harness.settle()
  return { harness, row, id }
}

const linksOf = ({ root }: RowHarness) => Array.from(root.querySelectorAll('[href], [src]'), (element) => element.outerHTML)

describe('what a server says', () => {
  for (const [kind, text] of Object.entries(TEXTS)) {
    it(`is text of bounded length, though it be ${kind}`, async () => {
      const { harness, id } = await shown(text, {
        phase: 'processing',
        overdue: false,
        server: serverWord({ progress: 40, stage: text, message: text }),
      })
      const look = () => {
        const { root } = harness
        expect(all(root).filter(({ localName }) => ['img', 'script'].includes(localName))).to.deep.equal([])
        for (const piece of said(root)) {
          expect(piece.length).to.be.below(LONGEST)
          expect(piece).not.to.match(/[\u202A-\u202E\u2066\u0000-\u0008\u001B]/)
        }
      }
      look()
      const error = new UploadError('remote_error', text, { remoteCode: text })
      await harness.set(id, { phase: 'failed', by: 'server', error })
      harness.uploader.emit('failed', failed({ ...(harness.uploader.items()[0] as UploadItem), error } as UploadItem))
      harness.uploader.emit('rejected', [{ file: new File(['x'], text), error: new UploadError('validation', text) }])
      harness.uploader.emit('batch-completed', harness.uploader.items())
      await harness.settle()
      look()
      expect(harness.root.querySelector('.notice li')?.textContent).to.match(/\S.* – /u)
    })
  }

  for (const url of NOT_OF_THE_WEB) {
    it(`is followed nowhere by ${JSON.stringify(url)}`, async () => {
      const { row } = await shown('a.png', { phase: 'completed', result: { url, thumbnailUrl: url, thumbnail: url } })
      expect(linksOf(row)).to.deep.equal([])
    })
  }

  it('ten thousand times at once is told in two sentences', async () => {
    const { root, uploader, settle } = await mountPanel()
    const sentences: string[] = []
    const alarm = root.querySelector('[role=alert]') as Element
    const observer = new MutationObserver(() => sentences.push(alarm.textContent?.trim() ?? ''))
    observer.observe(alarm, { childList: true, subtree: true })
    const [id = ''] = uploader.add([new File(['x'], 'a.txt')])
    const item = uploader.$item(id).get() as UploadItem
    for (let count = 0; count < 10_000; count += 1) uploader.emit('failed', failed(item))
    await settle()
    expect(sentences).to.deep.equal(['a.txt failed. It was cut off.'])
    await new Promise<void>((resolve) => new MutationObserver(() => resolve()).observe(alarm, { childList: true, subtree: true }))
    expect(alarm.textContent?.trim()).to.equal('9,999 uploads failed. The last is a.txt: It was cut off.')
    expect(alarm.children.length).to.equal(1)
    observer.disconnect()
  })

  it('of five thousand batches is three toasts', async () => {
    const { root, uploader, add, settle } = await mountPanel()
    const [id = ''] = await add('a.txt')
    uploader.set(id, { phase: 'completed' })
    for (let batch = 0; batch < 5000; batch += 1) uploader.emit('batch-completed', uploader.items())
    await settle()
    expect(root.querySelectorAll('.toast').length).to.equal(3)
  })
})

describe('whatever the page does meanwhile', () => {
  it('a tab that is switched a hundred times during two thousand ticks leaves nothing behind', async () => {
    const { panel, uploader, rows, settle } = await mountPanel()
    const ids = uploader.add(Array.from({ length: 60 }, (_, index) => new File(['x'], `${index}.txt`)))
    await settle()
    const listeners = uploader.listenerCount()
    for (let turn = 0; turn < 100; turn += 1) {
      panel.tab = (['active', 'completed', 'failed', 'all'] as const)[turn % 4] ?? 'all'
      for (let tick = 0; tick < 20; tick += 1) uploader.set(ids[tick % 60] ?? '', { phase: 'uploading', sentBytes: turn })
      await panel.updateComplete
    }
    await settle()
    expect(uploader.listenerCount()).to.equal(listeners)
    expect(rows().length).to.be.within(1, 40)
  })

  it('uploaders that are swapped, and one that is taken away, are let go', async () => {
    const { panel, uploader, settle, add } = await mountPanel()
    await add('a.txt')
    const other = (await mountPanel()).uploader
    const others = other.listenerCount()
    for (let turn = 0; turn < 20; turn += 1) {
      panel.uploader = turn % 2 ? uploader : other
      if (turn % 3 === 0) await panel.updateComplete
    }
    panel.uploader = undefined
    await settle()
    expect([uploader.listenerCount(), other.listenerCount()]).to.deep.equal([0, others])
    expect(panel.shadowRoot?.querySelector('.title')?.textContent).to.equal('Uploads')
  })

  it('words of its own that throw stop neither what is shown nor who adds files', async () => {
    const reported: unknown[] = []
    const { reportError: real } = globalThis
    globalThis.reportError = (error: unknown) => void reported.push(error)
    try {
      const fail = () => {
        throw new Error('No such plural.')
      }
      const harness = await mountPanel()
      harness.panel.messages = { uploading: fail, say: { added: fail } }
      expect((await harness.add('a.txt')).length).to.equal(1)
      expect(harness.title).to.equal('1 uploading (0%)')
      expect(harness.rows().length).to.equal(1)
      expect(reported.length).to.equal(2)
    } finally {
      globalThis.reportError = real
    }
  })

  it('the language of an upload that is under way may be another, and so may the theme of a panel that is dragged', async () => {
    const { panel, root, set, add, settle } = await mountPanel({ attributes: { placement: 'floating' } })
    panel.expand()
    const [id = ''] = await add('a.txt')
    await set(id, { phase: 'uploading', sentBytes: 3 })
    const header = root.querySelector('.header') as HTMLElement
    const { left, top } = header.getBoundingClientRect()
    const point = (type: string, x: number, y: number) =>
      new PointerEvent(type, { bubbles: true, composed: true, isPrimary: true, pointerId: 5, clientX: left + x, clientY: top + y })
    header.dispatchEvent(point('pointerdown', 20, 20))
    header.dispatchEvent(point('pointermove', -60, -20))
    expect(panel.matches(':state(dragging)')).to.equal(true)
    panel.theme = 'light'
    document.documentElement.lang = 'ar'
    await new Promise<void>((resolve) => new MutationObserver(() => resolve()).observe(panel, { attributeFilter: ['dir'] }))
    await settle()
    expect(panel.dir).to.equal('rtl')
    expect(root.querySelector('.title')?.textContent).to.contain('جارٍ رفع')
    panel.remove()
    header.dispatchEvent(point('pointerup', -60, -20))
    document.body.append(panel)
    await settle()
    expect(panel.matches(':state(dragging)')).to.equal(false)
  })

  it('what is hidden, or shown by its content alone, works as before when it is back', async () => {
    const { panel, rows, add, settle } = await mountPanel()
    panel.style.display = 'contents'
    await add('a.txt')
    panel.style.display = ''
    for (let turn = 0; turn < 21; turn += 1) panel.hidden = turn % 2 === 0
    await add('b.txt')
    expect(panel.offsetHeight).to.equal(0)
    panel.hidden = false
    await settle()
    expect(rows().map(({ name }) => name)).to.deep.equal(['a.txt', 'b.txt'])
  })
})
