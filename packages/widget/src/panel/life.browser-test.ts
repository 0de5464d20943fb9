import { UploadError } from '@upload-panel/core'
import { expect } from 'chai'
import { UploadPanel } from '../index.js'
import type { UploadPanelEventMap } from '../shared/uploader-events.js'
import { anItem } from '../testing/an-item.js'
import { mountPanel, unmountAll } from '../testing/panel-harness.js'
import { scriptedUploader } from '../testing/scripted-uploader.js'

afterEach(unmountAll)

describe('a given uploader', () => {
  it('is shown with the files that it already has', async () => {
    const uploader = scriptedUploader()
    uploader.add([new File(['x'], 'before.txt')])
    const { rows, settle } = await mountPanel({ uploader })
    await settle()
    expect(rows().map((row) => row.name)).to.deep.equal(['before.txt'])
  })

  it('is never disposed of, and let go of when the panel leaves', async () => {
    const { panel, uploader } = await mountPanel()
    panel.remove()
    await new Promise((resolve) => setTimeout(resolve))
    expect(uploader.calls).to.deep.equal([])
    expect(uploader.listenerCount()).to.equal(0)
  })

  it('is followed again when the panel comes back', async () => {
    const { panel, uploader, add, rows, settle } = await mountPanel()
    await add('a.txt')
    panel.remove()
    await new Promise((resolve) => setTimeout(resolve))
    uploader.add([new File(['x'], 'meanwhile.txt')])
    document.body.append(panel)
    await settle()
    expect(rows().map((row) => row.name)).to.deep.equal(['a.txt', 'meanwhile.txt'])
  })

  it('can be exchanged for another, which is then the only one followed', async () => {
    const first = scriptedUploader()
    const second = scriptedUploader()
    second.add([new File(['x'], 'second.txt')])
    const { panel, rows, settle } = await mountPanel({ uploader: first })
    panel.uploader = second
    await settle()
    expect(rows().map((row) => row.name)).to.deep.equal(['second.txt'])
    expect(first.listenerCount()).to.equal(0)
  })

  it('may be set before the element is defined', async () => {
    const uploader = scriptedUploader()
    const early = document.createElement('div')
    early.innerHTML = '<late-panel></late-panel>'
    document.body.append(early)
    const late = early.firstElementChild as UploadPanel
    late.uploader = uploader
    customElements.define('late-panel', class extends UploadPanel {})
    await late.updateComplete
    uploader.add([new File(['x'], 'a.txt')])
    expect(late.uploader === uploader).to.equal(true)
    expect(Object.hasOwn(late, 'uploader')).to.equal(false)
    early.remove()
  })
})

describe('without an uploader', () => {
  it('the panel stands, and adding files says what is missing', async () => {
    const panel = document.createElement('upload-panel')
    document.body.append(panel)
    await panel.updateComplete
    let thrown: unknown
    try {
      panel.addFiles([new File(['x'], 'a.txt')])
    } catch (error) {
      thrown = error
    }
    expect(thrown).to.be.instanceOf(UploadError)
    expect((thrown as UploadError).message).to.contain('give it an endpoint or an uploader')
    panel.remove()
  })
})

describe('methods', () => {
  const calls = [
    ['start', [], ['start']],
    ['pause', ['item-1'], ['pause', 'item-1']],
    ['resume', ['item-1'], ['resume', 'item-1']],
    ['cancel', ['item-1'], ['cancel', 'item-1']],
    ['retry', ['item-1'], ['retry', 'item-1']],
    ['clear', ['failed'], ['clear', 'failed']],
    ['clear', [], ['clear', 'all']],
  ] as const

  for (const [method, given, call] of calls) {
    it(`${method}(${given.join()}) reaches the uploader`, async () => {
      const { panel, uploader } = await mountPanel()
      ;(panel[method] as (...args: readonly string[]) => void)(...given)
      expect(uploader.calls.at(-1)).to.deep.equal(call)
    })
  }

  it('addFiles returns the ids, and hands its options on', async () => {
    const { panel, uploader } = await mountPanel()
    const files = [new File(['x'], 'a.txt')]
    expect(panel.addFiles(files, { priority: 3 })).to.deep.equal(['item-1'])
    expect(uploader.calls.at(-1)).to.deep.equal(['add', files, { priority: 3 }])
  })
})

describe('events', () => {
  const item = anItem({ phase: 'queued' })
  const one = ['started', 'transferred', 'completed', 'failed', 'revoked', 'cancelled'] as const

  for (const fact of one) {
    it(`upload-${fact} bubbles out of every shadow root with its frozen item`, async () => {
      const outer = document.createElement('div')
      const parent = document.createElement('div')
      outer.attachShadow({ mode: 'open' }).append(parent)
      document.body.append(outer)
      const { uploader } = await mountPanel({ parent })
      const heard: UploadPanelEventMap[`upload-${typeof fact}`][] = []
      outer.addEventListener(`upload-${fact}`, (event) => heard.push(event))
      uploader.emit(fact, item)
      expect(heard.map(({ detail }) => detail)).to.deep.equal([{ item }])
      expect(Object.isFrozen(heard[0]?.detail)).to.equal(true)
      outer.remove()
    })
  }

  it('upload-added and batch-completed carry all items', async () => {
    const { panel, uploader } = await mountPanel()
    const heard: string[] = []
    panel.addEventListener('upload-added', ({ detail }) => heard.push(`added ${detail.items.length}`))
    panel.addEventListener('batch-completed', ({ detail }) => heard.push(`ended ${detail.items.length}`))
    uploader.emit('added', [item, item])
    uploader.emit('batch-completed', [item, item])
    expect(heard).to.deep.equal(['added 2', 'ended 2'])
  })

  it('upload-rejected carries each file and why', async () => {
    const { panel } = await mountPanel({ uploader: scriptedUploader({ maxFiles: 0 }) })
    const heard: string[] = []
    panel.addEventListener('upload-rejected', ({ detail }) =>
      heard.push(...detail.files.map(({ file, error }) => `${file.name} ${error.code}`)),
    )
    panel.addFiles([new File(['x'], 'a.txt')])
    expect(heard).to.deep.equal(['a.txt too_many_files'])
  })
})

describe('the element', () => {
  it('is registered once, however often its module is loaded', async () => {
    const registered = customElements.get('upload-panel')
    const again = new URL('../upload-panel.ts?again', import.meta.url)
    await import(again.href)
    expect(customElements.get('upload-panel') === registered).to.equal(true)
  })
})
