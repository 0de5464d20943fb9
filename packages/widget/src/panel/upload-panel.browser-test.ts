import { expect } from 'chai'
import { UploadError } from '@upload-panel/core'
import { serverWord } from '../testing/an-item.js'
import { beforePaint, mountPanel, unmountAll } from '../testing/panel-harness.js'
import { scriptedUploader } from '../testing/scripted-uploader.js'

// Made once: ten thousand File objects take a browser two seconds, and it is the panel that is tested.
const manyFiles = Array.from({ length: 10_000 }, (_, index) => new File(['x'], `file ${index}.txt`))
const files = (count: number) => manyFiles.slice(0, count)
const error = (message: string, retryable = true) => new UploadError('remote_error', message, { retryable })

afterEach(unmountAll)

describe('rows', () => {
  for (const count of [1, 10_000]) {
    it(`stand in the DOM before the next paint after ${count.toLocaleString('en')} files were added`, async () => {
      const { uploader, rows } = await mountPanel()
      const many = files(count)
      await beforePaint()
      uploader.add(many)
      await beforePaint()
      expect(rows()[0]?.name).to.equal('file 0.txt')
      expect(rows()).to.have.length.at.least(Math.min(count, 6))
    })
  }

  it('stand in the DOM before the next paint when the files were there before the panel', async () => {
    const uploader = scriptedUploader()
    uploader.add(files(3))
    const mounting = mountPanel({ uploader })
    await beforePaint()
    expect((await mounting).rows().map((row) => row.name)).to.deep.equal(['file 0.txt', 'file 1.txt', 'file 2.txt'])
  })

  it('are as few elements for 10,000 files as for a screenful', async () => {
    const { uploader, rows, root, settle, scroller } = await mountPanel()
    uploader.add(files(10_000))
    await settle()
    expect(rows().length).to.be.at.most(20)
    expect(countElements(root)).to.be.at.most(600)
    scroller.scrollTop = 300_000
    await settle()
    await settle()
    expect(rows().length).to.be.at.most(20)
    expect(countElements(root)).to.be.at.most(600)
  })

  it('show the files where the list was scrolled to, each with its own state', async () => {
    const { uploader, rows, settle, scroller } = await mountPanel()
    const ids = uploader.add(files(10_000))
    uploader.set(ids[5000] as string, { phase: 'failed', by: 'self', error: error('Nothing works.') })
    await settle()
    scroller.scrollTop = 72 * 5000
    await settle()
    await settle()
    const row = rows().find((candidate) => candidate.name === 'file 5000.txt')
    expect(row?.badge).to.equal('Failed')
    expect(rows().filter((candidate) => candidate.badge === 'Failed')).to.have.length(1)
  })

  it('follow another file when they are given one', async () => {
    const { uploader, add, rows, settle } = await mountPanel()
    const [first, second] = await add('first.txt', 'second.txt')
    const row = rows()[0]
    if (!row || !first || !second) throw new Error('Two files were added.')
    row.element.itemId = second
    await settle()
    expect(row.name).to.equal('second.txt')
    uploader.set(first, { phase: 'cancelled' })
    uploader.set(second, { phase: 'uploading', sentBytes: 3 })
    await settle()
    expect(row.badge).to.equal('Uploading')
  })

  it('render alone when their own file progresses', async () => {
    const { uploader, add, rows, list } = await mountPanel()
    const ids = await add(...Array.from({ length: 5 }, (_, index) => `${index}.txt`))
    const changed = new Set<string>()
    const observers = [...rows().map((row) => row.root), list.shadowRoot as ShadowRoot].map((root) => {
      const observer = new MutationObserver(() => changed.add((root.host as HTMLElement).dataset.index ?? 'list'))
      observer.observe(root, { subtree: true, childList: true, characterData: true, attributes: true })
      return observer
    })
    uploader.set(ids[2] as string, { phase: 'uploading', sentBytes: 4 })
    await beforePaint()
    for (const observer of observers) observer.disconnect()
    expect(Array.from(changed)).to.deep.equal(['2'])
  })

  it('leave when their file is removed', async () => {
    const { add, rows, row, settle } = await mountPanel()
    const [, second] = await add('a.txt', 'b.txt', 'c.txt')
    expect(second).to.be.a('string')
    row('b.txt').button('Cancel')
    row('b.txt').element.uploader?.remove(second as string)
    await settle()
    expect(rows().map((candidate) => candidate.name)).to.deep.equal(['a.txt', 'c.txt'])
  })
})

describe('a row', () => {
  it('shows bytes, then the server’s work, as two phases of one bar', async () => {
    const { uploader, set, row } = await mountPanel()
    const [id = ''] = uploader.add([new File(['1234567890'], 'a.bin')])
    await set(id, { phase: 'uploading', sentBytes: 5, bytesPerSecond: 2_500_000, secondsLeft: 2 })
    expect(row('a.bin').badge).to.equal('Uploading')
    expect(row('a.bin').percent).to.equal('50%')
    expect(row('a.bin').text).to.contain('5 bytes of 10 bytes · 2.5 MB/s · 2 sec left')
    expect(row('a.bin').bar?.getAttribute('aria-valuetext')).to.equal('Uploading, 50%')

    await set(id, {
      phase: 'processing',
      overdue: false,
      server: serverWord({ progress: 20, stage: 'making_thumbnail', message: 'Almost' }),
    })
    expect(row('a.bin').badge).to.equal('Processing')
    expect(row('a.bin').percent).to.equal('20%')
    expect(row('a.bin').text).to.contain('Making thumbnail · Almost')
    expect(row('a.bin').bar?.classList.contains('processing')).to.equal(true)

    await set(id, { phase: 'completed' })
    expect(row('a.bin').badge).to.equal('Completed')
    expect(row('a.bin').percent).to.equal('100%')
  })

  it('names no figure while the server tells none', async () => {
    const { add, set, row } = await mountPanel()
    const [id = ''] = await add('a.bin')
    await set(id, { phase: 'processing', overdue: false })
    expect(row('a.bin').percent).to.equal('')
    expect(row('a.bin').bar?.getAttribute('role')).to.equal('progressbar')
    expect(row('a.bin').bar?.hasAttribute('aria-valuenow')).to.equal(false)
  })

  it('is still checking when the server takes long, and has not failed', async () => {
    const { add, set, row } = await mountPanel()
    const [id = ''] = await add('a.bin')
    await set(id, { phase: 'processing', overdue: true })
    expect(row('a.bin').badge).to.equal('Still checking…')
  })

  it('says what went wrong and what to do', async () => {
    const { add, set, row } = await mountPanel()
    const [id = ''] = await add('a.bin')
    await set(id, { phase: 'failed', by: 'server', error: error('The picture is damaged.') })
    expect(row('a.bin').problem).to.equal('The picture is damaged. Press Retry to try again.')
  })

  it('shows a hostile name and hostile words of the server as text', async () => {
    const { uploader, settle, rows } = await mountPanel()
    const name = '<img src=x onerror="window.hacked=1">.png'
    const [id = ''] = uploader.add([new File(['x'], name)])
    uploader.set(id, {
      phase: 'processing',
      overdue: false,
      server: serverWord({ stage: '<b>stage</b>', message: '<script>window.hacked=1</script>' }),
    })
    await settle()
    const [row] = rows()
    expect(row?.name).to.equal(name)
    expect(row?.text).to.contain('<b>stage</b>').and.to.contain('<script>')
    expect(row?.root.querySelector('img, b, script')).to.equal(null)
    expect('hacked' in window).to.equal(false)
  })

  it('keeps a right-to-left name, its height and its neighbours in order', async () => {
    const { uploader, rows, settle } = await mountPanel()
    uploader.add([
      new File(['x'], 'a.txt'),
      new File(['x'], 'تقرير مالي سنوي شامل لجميع الفروع.pdf'),
      new File(['x'], `${'e\u0301\u0302\u0303'.repeat(40)}.txt`),
    ])
    await settle()
    const heights = rows().map((row) => row.element.getBoundingClientRect().height)
    expect(new Set(heights).size).to.equal(1)
    const [, arabic] = rows()
    expect(arabic?.name).to.equal('تقرير مالي سنوي شامل لجميع الفروع.pdf')
    expect(getComputedStyle(arabic?.root.querySelector('.name') as Element).direction).to.equal('rtl')
    expect(getComputedStyle(arabic?.root.querySelector('.row') as Element).direction).to.equal('ltr')
  })

  it('cuts a long name in the middle and keeps its ending in sight at 320 pixels', async () => {
    const parent = document.createElement('div')
    parent.style.width = '320px'
    document.body.append(parent)
    const { add, rows, panel } = await mountPanel({ parent })
    await add('a very long name of a file that nobody could read in full 0012.pdf')
    const tail = rows()[0]?.root.querySelector('.tail')
    expect(tail?.textContent).to.equal(' 0012.pdf')
    expect(tail?.getBoundingClientRect().right).to.be.at.most(panel.getBoundingClientRect().right)
    expect(panel.scrollWidth).to.be.at.most(320)
    parent.remove()
  })

  it('names the folder that its file came from', async () => {
    const { uploader, settle, rows } = await mountPanel()
    uploader.add([{ file: new File(['x'], 'b.jpg'), relativePath: 'trip/day 1/b.jpg' }])
    await settle()
    expect(rows()[0]?.text).to.contain('trip/day 1')
  })

  it('shows the thumbnail of a confirmed result', async () => {
    const { add, set, row } = await mountPanel()
    const [id = ''] = await add('a.jpg')
    const url = new URL('../testing/pixel.png', import.meta.url)
    await set(id, { phase: 'completed', result: { thumbnailUrl: url.pathname } })
    const image = row('a.jpg').root.querySelector('img')
    expect(image?.src).to.equal(url.href)
    expect(image?.alt).to.equal('')
  })

  it('shows the file’s type where the thumbnail cannot be loaded', async () => {
    const { uploader, add, row, settle } = await mountPanel()
    const [id = ''] = await add('a.jpg')
    uploader.set(id, { phase: 'completed', result: { thumbnailUrl: '/there-is-none.webp' } })
    await row('a.jpg').element.updateComplete
    await new Promise((resolve) => row('a.jpg').root.querySelector('img')?.addEventListener('error', resolve))
    await settle()
    expect(row('a.jpg').root.querySelector('.thumbnail')?.textContent?.trim()).to.equal('JPG')
  })

  for (const url of ['javascript:window.hacked=1', 'data:image/png;base64,iVBORw0KGgo=']) {
    it(`never loads ${url.slice(0, 16)} as a thumbnail`, async () => {
      const { add, set, row } = await mountPanel()
      const [id = ''] = await add('a.jpg')
      await set(id, { phase: 'completed', result: { thumbnailUrl: url } })
      expect(row('a.jpg').root.querySelector('img')).to.equal(null)
    })
  }
})

describe('buttons of a row', () => {
  const phases = [
    { phase: { phase: 'queued' }, label: 'Pause', method: 'pause' },
    { phase: { phase: 'queued', paused: true }, label: 'Resume', method: 'resume' },
    { phase: { phase: 'uploading', sentBytes: 1 }, label: 'Pause', method: 'pause' },
    { phase: { phase: 'uploading', sentBytes: 1 }, label: 'Cancel', method: 'cancel' },
    { phase: { phase: 'processing', overdue: false }, label: 'Cancel', method: 'cancel' },
    { phase: { phase: 'waiting', reason: 'backoff', error: error('Cut off.') }, label: 'Retry', method: 'retry' },
    { phase: { phase: 'failed', by: 'self', error: error('Cut off.') }, label: 'Retry', method: 'retry' },
    { phase: { phase: 'failed', by: 'self', error: error('Cut off.') }, label: 'Remove', method: 'remove' },
    { phase: { phase: 'completed' }, label: 'Remove', method: 'remove' },
  ] as const

  for (const { phase, label, method } of phases) {
    it(`call ${method} for ${label} while ${phase.phase}`, async () => {
      const { uploader, add, set, row } = await mountPanel()
      const [id = ''] = await add('a.bin')
      await set(id, phase)
      row('a.bin').button(label).click()
      expect(uploader.calls.at(-1)).to.deep.equal([method, id])
    })
  }

  it('name the file for assistive technology', async () => {
    const { add, row } = await mountPanel()
    await add('a.bin')
    expect(row('a.bin').button('Cancel').getAttribute('aria-label')).to.equal('Cancel: a.bin')
  })

  it('give a file again that could not be read', async () => {
    const { uploader, add, set, row } = await mountPanel()
    const [id = ''] = await add('a.bin')
    await set(id, { phase: 'waiting', reason: 'file', error: new UploadError('file_unreadable', 'The file is gone.') })
    const input = row('a.bin').root.querySelector('input') as HTMLInputElement
    const opened = new Promise((resolve) => input.addEventListener('click', resolve, { once: true }))
    row('a.bin').button('Choose the file again').click()
    await opened
    const again = new File(['content'], 'a.bin')
    choose(input, [again])
    expect(uploader.calls.at(-1)).to.deep.equal(['replaceFile', id, again])
    // Else a browser tells nothing where the same file is chosen once more.
    expect(input.value).to.equal('')
  })
})

describe('the whole queue', () => {
  it('is summed up in one line', async () => {
    const harness = await mountPanel()
    expect(harness.title).to.equal('Uploads')
    harness.uploader.add(files(53))
    harness.uploader.setSummary({
      fraction: 0.08,
      totalBytes: 1_200_000_000,
      sentBytes: 96_000_000,
      bytesPerSecond: 5_300_000,
      secondsLeft: 200,
      processing: 4,
    })
    await harness.settle()
    expect(harness.title).to.equal('53 uploading (8%)')
    expect(harness.summary).to.equal('96 MB of 1.2 GB · 5.3 MB/s · 4 min left · 4 processing')
  })

  it('shows no time left that is not known', async () => {
    const harness = await mountPanel()
    harness.uploader.add(files(2))
    await harness.settle()
    expect(harness.summary).to.equal('0 bytes of 2 bytes')
  })

  it('says that it is paused while it is held', async () => {
    const harness = await mountPanel()
    await harness.add('a.txt')
    harness.uploader.setSummary({ held: true, sentBytes: 1 })
    await harness.settle()
    expect(harness.title).to.equal('Paused · 1 to go')
  })

  it('can be paused, resumed, retried and cleared', async () => {
    const { uploader, add, set, button, hasButton, settle } = await mountPanel()
    const [first = '', second = ''] = await add('a.txt', 'b.txt', 'c.txt')
    button('Pause all').click()
    expect(uploader.calls.at(-1)?.[0]).to.equal('pause')
    uploader.setSummary({ paused: 3, queued: 0 })
    await settle()
    button('Resume all').click()
    expect(uploader.calls.at(-1)?.[0]).to.equal('resume')
    await set(first, { phase: 'failed', by: 'self', error: error('Cut off.') })
    button('Retry 1 failed').click()
    expect(uploader.calls.at(-1)?.[0]).to.equal('retry')
    await set(second, { phase: 'completed' })
    button('Completed 1').click()
    await settle()
    button('Clear 1 completed').click()
    expect(uploader.calls.at(-1)).to.deep.equal(['clear', 'completed'])
    await settle()
    expect(hasButton(/Clear \d/)).to.equal(false)
  })

  it('tells in words how realtime stands', async () => {
    const { root } = await mountPanel()
    const words = Array.from(root.querySelectorAll('.connection bdi'), (word) => word.textContent)
    expect(words).to.deep.equal(['Live', 'Answers in 12 ms'])
  })

  it('shows all of it at a press, since a tooltip is for a mouse alone', async () => {
    const { button, root, settle } = await mountPanel()
    const seen = () => Array.from(root.querySelectorAll('.connection bdi:not(.visually-hidden)'), (word) => word.textContent)
    const connection = button(/Live/)
    expect(seen()).to.deep.equal([])
    expect(connection.getAttribute('aria-expanded')).to.equal('false')
    connection.click()
    await settle()
    expect(seen()).to.deep.equal(['Live', 'Answers in 12 ms'])
    expect(connection.getAttribute('aria-expanded')).to.equal('true')
    connection.click()
    await settle()
    expect(seen()).to.deep.equal([])
  })
})

function choose(input: HTMLInputElement, chosen: readonly File[]): void {
  const transfer = new DataTransfer()
  for (const file of chosen) transfer.items.add(file)
  input.files = transfer.files
  input.dispatchEvent(new Event('change'))
}

function countElements(root: ShadowRoot): number {
  return Array.from(root.querySelectorAll('*')).reduce(
    (count, element) => count + 1 + (element.shadowRoot ? countElements(element.shadowRoot) : 0),
    0,
  )
}
