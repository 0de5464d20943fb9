import type { FileWithPath } from '@upload-panel/core'
import { expect } from 'chai'
import { drag, dragging, fileEntry, folderEntry } from '../testing/dragging.js'
import { mountPanel, type PanelHarness, unmountAll } from '../testing/panel-harness.js'
import { scriptedUploader } from '../testing/scripted-uploader.js'

afterEach(unmountAll)

const added = ({ uploader }: PanelHarness) => uploader.items().map((item) => item.relativePath ?? item.name)

/** Resolves once the panel has added so many files. */
function addedCount({ uploader }: PanelHarness, count: number): Promise<void> {
  return new Promise((resolve) => {
    const stop = uploader.on('added', () => {
      if (uploader.items().length < count) return
      stop()
      resolve()
    })
  })
}

describe('dropped files', () => {
  it('are added within the event', async () => {
    const harness = await mountPanel()
    const drop = drag('drop', harness.panel, dragging([new File(['a'], 'a.txt'), new File(['b'], 'b.txt')]))
    expect(drop.defaultPrevented).to.equal(true)
    expect(added(harness)).to.deep.equal(['a.txt', 'b.txt'])
  })

  it('may land anywhere on the panel', async () => {
    const harness = await mountPanel()
    await harness.add('first.txt')
    drag('drop', harness.row('first.txt').element, dragging([new File(['a'], 'second.txt')]))
    expect(added(harness)).to.deep.equal(['first.txt', 'second.txt'])
  })

  it('are scrolled to where the list is longer than its place, and leave focus where it was', async () => {
    const harness = await mountPanel()
    await harness.add(...Array.from({ length: 50 }, (_, index) => `old ${index}.txt`))
    harness.row('old 0.txt').button('Cancel').focus()
    // WebKit scrolls to what was focused a moment later.
    await harness.settle()
    drag('drop', harness.panel, dragging([new File(['a'], 'new.txt'), new File(['b'], 'another.txt')]))
    await harness.settle()
    await harness.settle()
    const { top, bottom } = harness.row('new.txt').element.getBoundingClientRect()
    const place = harness.scroller.getBoundingClientRect()
    expect(top).to.be.at.least(place.top - 1)
    expect(bottom).to.be.at.most(place.bottom + 1)
    expect(harness.row('old 0.txt').element.matches(':focus-within')).to.equal(true)
  })

  it('leave the list where it is as long as the first of them is in view', async () => {
    const harness = await mountPanel()
    await harness.add('old.txt')
    const many = Array.from({ length: 50 }, (_, index) => new File(['a'], `new ${index}.txt`))
    drag('drop', harness.panel, dragging(many))
    await harness.settle()
    await harness.settle()
    expect(harness.scroller.scrollTop).to.equal(0)
  })

  it('light the panel up while they are over it', async () => {
    const harness = await mountPanel()
    const over = drag('dragover', harness.panel, dragging([new File(['a'], 'a.txt')]))
    await harness.panel.updateComplete
    expect(over.defaultPrevented).to.equal(true)
    expect(harness.root.querySelector('.dropzone')?.textContent).to.contain('Let go to upload')
    drag('dragleave', harness.panel, dragging([]), { clientX: -5, clientY: -5 })
    await harness.panel.updateComplete
    expect(harness.root.querySelector('.dropzone')?.textContent).to.contain('Drop files or folders here')
  })

  it('keep it lit while they cross its inner parts', async () => {
    const harness = await mountPanel()
    const { left, top } = harness.panel.getBoundingClientRect()
    drag('dragover', harness.panel, dragging([new File(['a'], 'a.txt')]))
    drag('dragleave', harness.panel, dragging([]), { clientX: left + 20, clientY: top + 20 })
    await harness.panel.updateComplete
    expect(harness.root.querySelector('.panel')?.classList.contains('over')).to.equal(true)
  })

  it('bring their folders, with more entries than one read answers', async () => {
    const harness = await mountPanel()
    const names = Array.from({ length: 230 }, (_, index) => `${index}.jpg`)
    const done = addedCount(harness, 231)
    drag('drop', harness.panel, dragging([new File(['x'], 'readme.txt')], [folderEntry('trip', names)]))
    expect(added(harness)).to.deep.equal(['readme.txt'])
    await done
    expect(added(harness)).to.deep.equal(['readme.txt', ...names.map((name) => `trip/${name}`)])
  })

  it('that cannot be read are named', async () => {
    const harness = await mountPanel()
    const broken = { ...fileEntry('gone.jpg', '/trip'), file: (_: unknown, failed: (error: Error) => void) => failed(new Error('gone')) }
    const createReader = () => {
      const entries = [[broken], []]
      return { readEntries: (done: (entries: readonly object[]) => void) => done(entries.shift() ?? []) }
    }
    drag('drop', harness.panel, dragging([], [{ isFile: false, isDirectory: true, name: 'trip', fullPath: '/trip', createReader }]))
    await harness.settle()
    expect(harness.root.querySelector('.notice')?.textContent).to.contain('“trip/gone.jpg” could not be read.')
  })

  it('are not added once the panel has left the page while their folder was read', async () => {
    const harness = await mountPanel()
    let answer: (entries: readonly object[]) => void = () => {}
    const createReader = () => ({ readEntries: (done: typeof answer) => (answer = done) })
    drag('drop', harness.panel, dragging([], [{ isFile: false, isDirectory: true, name: 'trip', fullPath: '/trip', createReader }]))
    await harness.settle()
    expect(harness.root.querySelector('.dropzone')?.textContent).to.contain('Reading the folder…')
    harness.panel.remove()
    answer([fileEntry('late.jpg', '/trip')])
    await harness.settle()
    expect(added(harness)).to.deep.equal([])
  })

  it('are left alone where dragged text is meant for something else', async () => {
    const harness = await mountPanel()
    const transfer = new DataTransfer()
    transfer.setData('text/plain', 'some words')
    expect(drag('drop', harness.panel, transfer).defaultPrevented).to.equal(false)
    expect(added(harness)).to.deep.equal([])
  })

  it('are not taken with no-drop, where only the buttons remain', async () => {
    const harness = await mountPanel({ attributes: { 'no-drop': '' } })
    expect(drag('drop', harness.panel, dragging([new File(['a'], 'a.txt')])).defaultPrevented).to.equal(false)
    expect(added(harness)).to.deep.equal([])
    expect(harness.root.textContent).not.to.contain('Drop files')
    expect(harness.hasButton('Choose files')).to.equal(true)
  })
})

describe('pasted files', () => {
  it('are added', async () => {
    const harness = await mountPanel()
    const paste = new ClipboardEvent('paste', { bubbles: true, composed: true, cancelable: true })
    Object.defineProperty(paste, 'clipboardData', { value: dragging([new File(['a'], 'image.png')]) })
    harness.root.querySelector('.panel')?.dispatchEvent(paste)
    expect(paste.defaultPrevented).to.equal(true)
    expect(added(harness)).to.deep.equal(['image.png'])
  })
})

describe('chosen files', () => {
  it('are asked for by the button and by a click on the zone', async () => {
    const { button, root } = await mountPanel()
    const input = root.querySelector('input') as HTMLInputElement
    let opened = 0
    input.addEventListener('click', (event) => {
      event.preventDefault()
      opened += 1
    })
    button('Choose files').click()
    expect(opened).to.equal(1)
    root.querySelector<HTMLElement>('.prompt')?.click()
    expect(opened).to.equal(2)
  })

  it('are added, and the same ones can be chosen again', async () => {
    const harness = await mountPanel()
    const input = harness.root.querySelector('input') as HTMLInputElement
    input.files = dragging([new File(['a'], 'a.txt')]).files
    input.dispatchEvent(new Event('change', { bubbles: true }))
    expect(added(harness)).to.deep.equal(['a.txt'])
    expect(input.value).to.equal('')
  })

  it('from a folder keep their paths', async () => {
    const harness = await mountPanel()
    const input = harness.root.querySelector<HTMLInputElement>('input[webkitdirectory]')
    const file = new File(['a'], 'a.txt')
    Object.defineProperty(file, 'webkitRelativePath', { value: 'trip/a.txt' })
    Object.defineProperty(input, 'files', { value: [file] })
    input?.dispatchEvent(new Event('change', { bubbles: true }))
    const [, given] = harness.uploader.calls.find(([method]) => method === 'add') ?? []
    expect((given as readonly FileWithPath[])[0]?.relativePath).to.equal('trip/a.txt')
  })

  it('follow accept and max-files', async () => {
    const { root } = await mountPanel({ attributes: { accept: 'image/*,.pdf', 'max-files': '1', 'max-size': '10000000' } })
    const inputs = root.querySelectorAll('input')
    expect(inputs).to.have.length(1)
    expect(inputs[0]?.accept).to.equal('image/*,.pdf')
    expect(inputs[0]?.multiple).to.equal(false)
    expect(root.querySelector('.limits')?.textContent).to.equal('images, .pdf · up to 10 MB each · at most 1 file')
  })
})

describe('refused files', () => {
  it('are named with the reason, few of many, until they are dismissed', async () => {
    const { panel, root, button, settle } = await mountPanel({ uploader: scriptedUploader({ maxFiles: 1 }) })
    panel.addFiles(Array.from({ length: 6 }, (_, index) => new File(['x'], `${index}.txt`)))
    await settle()
    const notice = root.querySelector('.notice')
    expect(notice?.textContent)
      .to.contain('5 files were not added')
      .and.to.contain('1.txt – At most 1 files can be added.')
      .and.to.contain('and 2 more')
    button('Dismiss').click()
    await settle()
    expect(root.querySelector('.notice')).to.equal(null)
  })

  it('of one drop are told together, those of its folders too, until the next drop', async () => {
    const harness = await mountPanel({ uploader: scriptedUploader({ maxFiles: 1 }) })
    await harness.add('first.txt')
    let told = 0
    const bothTold = new Promise<void>((resolve) => {
      harness.uploader.on('rejected', () => {
        told += 1
        if (told === 2) resolve()
      })
    })
    drag('drop', harness.panel, dragging([new File(['x'], 'loose.txt')], [folderEntry('trip', ['a.jpg', 'b.jpg'])]))
    await bothTold
    await harness.settle()
    const text = () => harness.root.querySelector('.notice')?.textContent
    expect(text()).to.contain('3 files were not added').and.to.contain('loose.txt').and.to.contain('b.jpg')
    drag('drop', harness.panel, dragging([new File(['x'], 'next.txt')]))
    await harness.settle()
    expect(text()).to.contain('1 file was not added').and.to.contain('next.txt')
  })
})
