import { UploadError } from '@upload-panel/core'
import { expect } from 'chai'
import '../upload-dropzone.js'
import type { UploadDropzone } from '../upload-dropzone.js'
import { axeViolations } from '../testing/axe-violations.js'
import { drag, dragging, folderEntry, paste } from '../testing/dragging.js'
import { beforePaint, mountPanel, unmountAll } from '../testing/panel-harness.js'
import { scriptedUploader, type ScriptedUploader } from '../testing/scripted-uploader.js'

const aFile = new File(['a'], 'a.txt')

interface Zone {
  readonly element: UploadDropzone
  readonly root: ShadowRoot
  readonly uploader: ScriptedUploader
  /** Names of the files that it has taken. */
  taken(): readonly string[]
  isOver(): Promise<boolean>
  overlay(): HTMLElement | null
}

const mounted = new Set<Element>()

async function mountZone(
  attributes: Readonly<Record<string, string>> = {},
  {
    content = '',
    parent = document.body,
    uploader = scriptedUploader(),
  }: { content?: string; parent?: Element; uploader?: ScriptedUploader } = {},
): Promise<Zone> {
  const element = document.createElement('upload-dropzone')
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
  element.innerHTML = content
  if (!('for' in attributes)) element.uploader = uploader
  parent.append(element)
  mounted.add(element)
  await element.updateComplete
  const root = element.shadowRoot as ShadowRoot
  return {
    element,
    root,
    uploader,
    taken: () => (element.uploader?.items() ?? []).map((item) => item.relativePath ?? item.name),
    async isOver() {
      await element.updateComplete
      return root.querySelector('.dropzone')?.classList.contains('over') === true || root.querySelector('.drop-overlay') !== null
    },
    overlay: () => root.querySelector('.drop-overlay'),
  }
}

/** Something of the page's own. */
function onPage(html: string): HTMLElement {
  const box = document.createElement('div')
  box.innerHTML = html
  document.body.append(box)
  mounted.add(box)
  return box.firstElementChild as HTMLElement
}

/** Counts how often the zone's inputs would have opened a picker. */
function pickersOf({ root }: Zone): string[] {
  const opened: string[] = []
  root.addEventListener(
    'click',
    (event) => {
      if (!(event.target instanceof HTMLInputElement)) return
      event.preventDefault()
      opened.push(event.target.dataset['picker'] ?? '')
    },
    { capture: true },
  )
  return opened
}

afterEach(() => {
  unmountAll()
  for (const element of mounted) element.remove()
  mounted.clear()
})

describe('a drop', () => {
  it('on the element is taken, and one beside it is not', async () => {
    const { element, taken } = await mountZone()
    expect(drag('drop', document.body, dragging([aFile])).defaultPrevented).to.equal(false)
    expect(drag('drop', element, dragging([aFile])).defaultPrevented).to.equal(true)
    expect(taken()).to.deep.equal(['a.txt'])
  })

  it('of ten thousand files is taken within the event', async () => {
    const { element, taken } = await mountZone()
    const files = Array.from({ length: 10_000 }, (_, index) => new File(['x'], `${index}.txt`))
    const items = files.map((file) => ({ kind: 'file', getAsFile: () => file, webkitGetAsEntry: () => null }))
    drag('drop', element, { types: ['Files'], items, files, effectAllowed: 'all', dropEffect: 'none' } as unknown as DataTransfer)
    expect(taken()).to.have.length(10_000)
  })

  it('of two folders counts the files of both while they are read', async () => {
    const { element, root } = await mountZone()
    const unfinished = { isFile: false, isDirectory: true, name: 'b', fullPath: '/b', createReader: () => ({ readEntries: () => {} }) }
    drag('drop', element, dragging([], [folderEntry('a', ['1.txt', '2.txt']), unfinished]))
    drag('drop', element, dragging([], [folderEntry('c', ['3.txt']), unfinished]))
    await beforePaint()
    await beforePaint()
    expect(root.querySelector('.prompt')?.textContent).to.contain('3 files so far')
  })

  it('of what a browser only lets move is a move', async () => {
    const { element } = await mountZone()
    const transfer = { types: ['Files'], items: [], files: [], effectAllowed: 'move', dropEffect: 'none' } as unknown as DataTransfer
    drag('dragover', element, transfer)
    expect(transfer.dropEffect).to.equal('move')
  })

  it('on a disabled zone is swallowed, and leaves the page where it is', async () => {
    const { element, taken, isOver } = await mountZone({ disabled: '' })
    const transfer = { types: ['Files'], items: [], files: [aFile], effectAllowed: 'all', dropEffect: 'copy' } as unknown as DataTransfer
    expect(drag('dragover', element, transfer).defaultPrevented).to.equal(true)
    expect(transfer.dropEffect).to.equal('none')
    expect(await isOver()).to.equal(false)
    expect(drag('drop', element, transfer).defaultPrevented).to.equal(true)
    expect(taken()).to.deep.equal([])
  })

  it('of something of the page is none of files, though engines call a picture one', async () => {
    const { element, taken } = await mountZone({ drop: 'page' })
    const picture = onPage('<img alt="">')
    drag('dragstart', picture, dragging([aFile]))
    expect(drag('dragover', element, dragging([aFile])).defaultPrevented).to.equal(false)
    expect(drag('drop', element, dragging([aFile])).defaultPrevented).to.equal(false)
    drag('dragend', picture, dragging([aFile]))
    expect(taken()).to.deep.equal([])
    drag('drop', element, dragging([aFile]))
    expect(taken()).to.deep.equal(['a.txt'])
  })

  it('of words or links is left alone', async () => {
    const { element, isOver } = await mountZone({ drop: 'page' })
    const transfer = new DataTransfer()
    transfer.setData('text/uri-list', 'https://example.org')
    expect(drag('dragover', element, transfer).defaultPrevented).to.equal(false)
    expect(await isOver()).to.equal(false)
  })

  it('goes to the uploader of the element that the zone is for, whose limits it tells', async () => {
    const { panel, uploader } = await mountPanel({ attributes: { id: 'the-panel', placement: 'inline', accept: 'image/*' } })
    const { element, root } = await mountZone({ for: 'the-panel' })
    expect(root.querySelector('input')?.accept).to.equal('image/*')
    expect(root.querySelector('.limits')?.textContent).to.equal('images')
    expect(element.uploader === panel.uploader).to.equal(true)
    drag('drop', element, dragging([aFile]))
    expect(uploader.items().map((item) => item.name)).to.deep.equal(['a.txt'])
  })
})

describe('where all of the page counts', () => {
  it('a drop anywhere is taken', async () => {
    const { taken } = await mountZone({ drop: 'page' })
    const place = onPage('<p>Some text</p>')
    drag('drop', place, dragging([aFile]))
    expect(taken()).to.deep.equal(['a.txt'])
  })

  it('an overlay lies over everything while files are dragged, and the pointer goes through it', async () => {
    const { element, overlay } = await mountZone({ drop: 'page', accept: 'image/*' })
    const place = onPage('<p>Some text</p>')
    drag('dragover', place, dragging([aFile]))
    await element.updateComplete
    expect(overlay()?.matches(':popover-open')).to.equal(true)
    expect(overlay()?.textContent).to.contain('Drop files anywhere').and.to.contain('images')
    const { left, top } = place.getBoundingClientRect()
    expect(document.elementFromPoint(left + 2, top + 2) === place).to.equal(true)
    const { width, height } = (overlay() as HTMLElement).getBoundingClientRect()
    expect([width, height]).to.deep.equal([document.documentElement.clientWidth, innerHeight])
  })

  for (const [end, tell] of Object.entries({
    'leaves the window': () => drag('dragleave', document.body, dragging([]), { clientX: 0, clientY: 0 }),
    'is dropped': () => drag('drop', document.body, dragging([aFile])),
    'has ended elsewhere, which the next move of the pointer tells': () =>
      document.body.dispatchEvent(new Event('pointermove', { bubbles: true })),
    'becomes one of words': () => drag('dragover', document.body, new DataTransfer()),
  })) {
    it(`the overlay goes when the drag ${end}`, async () => {
      const { element, overlay } = await mountZone({ drop: 'page' })
      drag('dragover', document.body, dragging([aFile]))
      await element.updateComplete
      expect(overlay()).not.to.equal(null)
      tell()
      await element.updateComplete
      expect(overlay()).to.equal(null)
    })
  }

  it('the overlay stays while the drag is over the zone itself', async () => {
    const { element, isOver, taken } = await mountZone({ drop: 'page' })
    drag('dragover', document.body, dragging([aFile]))
    drag('dragover', element, dragging([aFile]))
    expect(await isOver()).to.equal(true)
    drag('drop', element, dragging([aFile]))
    expect(taken()).to.deep.equal(['a.txt'])
  })

  it('the overlay goes with its element', async () => {
    const { element, overlay, isOver } = await mountZone({ drop: 'page' })
    drag('dragover', document.body, dragging([aFile]))
    await element.updateComplete
    element.remove()
    document.body.append(element)
    expect(await isOver()).to.equal(false)
    expect(overlay()).to.equal(null)
  })

  it('a zone inside, or elsewhere on the page, is nearer', async () => {
    const page = await mountZone({ drop: 'page' })
    const near = await mountZone()
    drag('dragover', document.body, dragging([aFile]))
    expect([await page.isOver(), await near.isOver()]).to.deep.equal([true, false])
    drag('dragover', near.element, dragging([aFile]))
    expect([await page.isOver(), await near.isOver()]).to.deep.equal([false, true])
    drag('drop', near.element, dragging([aFile]))
    expect([page.taken(), near.taken()]).to.deep.equal([[], ['a.txt']])
  })

  it('of two zones one takes the files, and there is one overlay', async () => {
    const zones = [await mountZone({ drop: 'page' }), await mountZone({ drop: 'page' })]
    drag('dragover', document.body, dragging([aFile]))
    const overs = await Promise.all(zones.map((zone) => zone.isOver()))
    expect(overs).to.deep.equal([true, false])
    drag('drop', document.body, dragging([aFile]))
    expect(zones.map((zone) => zone.taken().length)).to.deep.equal([1, 0])
  })

  it('a hidden zone takes nothing', async () => {
    const { taken } = await mountZone({ drop: 'page', hidden: '' })
    expect(drag('drop', document.body, dragging([aFile])).defaultPrevented).to.equal(false)
    expect(taken()).to.deep.equal([])
  })

  it('what the page takes for itself stays the page’s', async () => {
    const { taken, isOver } = await mountZone({ drop: 'page' })
    const editor = onPage('<div>editor</div>')
    for (const type of ['dragover', 'drop']) editor.addEventListener(type, (event) => event.preventDefault())
    drag('dragover', editor, dragging([aFile]))
    expect(await isOver()).to.equal(false)
    drag('drop', editor, dragging([aFile]))
    const input = onPage('<input type="file">')
    expect(drag('dragover', input, dragging([aFile])).defaultPrevented).to.equal(false)
    expect(drag('drop', input, dragging([aFile])).defaultPrevented).to.equal(false)
    expect(taken()).to.deep.equal([])
  })

  it('a panel takes them as well, collapsed too', async () => {
    const { uploader } = await mountPanel({ attributes: { drop: 'page', collapsed: '' } })
    drag('drop', document.body, dragging([aFile]))
    expect(uploader.items().map((item) => item.name)).to.deep.equal(['a.txt'])
  })
})

describe('of zones in each other', () => {
  it('the innermost takes a drop, and alone is lit', async () => {
    const outer = await mountZone()
    const inner = await mountZone({}, { parent: outer.element })
    drag('dragover', outer.element, dragging([aFile]))
    expect([await outer.isOver(), await inner.isOver()]).to.deep.equal([true, false])
    drag('dragover', inner.element, dragging([aFile]))
    expect([await outer.isOver(), await inner.isOver()]).to.deep.equal([false, true])
    drag('drop', inner.element, dragging([aFile]))
    expect([outer.taken(), inner.taken()]).to.deep.equal([[], ['a.txt']])
  })

  it('the inner one takes it too where all of the page is its own', async () => {
    const outer = await mountZone()
    const inner = await mountZone({ drop: 'page' }, { parent: outer.element })
    drag('drop', inner.element, dragging([aFile]))
    expect([outer.taken(), inner.taken()]).to.deep.equal([[], ['a.txt']])
  })
})

describe('a paste', () => {
  it('anywhere on the page is taken where that is asked for, else with focus inside', async () => {
    const near = await mountZone()
    expect(paste(document.body, [aFile]).defaultPrevented).to.equal(false)
    expect(paste(near.root.querySelector('button') as HTMLElement, [aFile]).defaultPrevented).to.equal(true)
    const page = await mountZone({ paste: 'page' })
    expect(paste(document.body, [aFile]).defaultPrevented).to.equal(true)
    expect([near.taken(), page.taken()]).to.deep.equal([['a.txt'], ['a.txt']])
  })

  for (const [field, markup] of Object.entries({
    'a text field': '<textarea></textarea>',
    'an input': '<input>',
    'an editor': '<div contenteditable></div>',
  })) {
    it(`with text stays with ${field}`, async () => {
      const { taken } = await mountZone({ paste: 'page' })
      expect(paste(onPage(markup), [aFile], 'words').defaultPrevented).to.equal(false)
      expect(taken()).to.deep.equal([])
    })
  }

  it('of files alone is nothing for a text field', async () => {
    const { taken } = await mountZone({ paste: 'page' })
    paste(onPage('<textarea></textarea>'), [aFile])
    paste(onPage('<input type="checkbox">'), [aFile], 'words')
    expect(taken()).to.have.length(2)
  })

  it('of text alone is left alone', async () => {
    await mountZone({ paste: 'page' })
    expect(paste(document.body, [], 'words').defaultPrevented).to.equal(false)
  })

  it('is not taken with paste="none", nor by a disabled zone', async () => {
    const none = await mountZone({ paste: 'none' })
    const disabled = await mountZone({ disabled: '' })
    paste(none.element, [aFile])
    paste(disabled.element, [aFile])
    expect([none.taken(), disabled.taken()]).to.deep.equal([[], []])
  })
})

describe('pickers', () => {
  it('open by method, for files and for a folder', async () => {
    const zone = await mountZone()
    const opened = pickersOf(zone)
    zone.element.openPicker()
    zone.element.openFolderPicker()
    expect(opened).to.deep.equal(['files', 'folder'])
    zone.element.disabled = true
    zone.element.openPicker()
    expect(opened).to.have.length(2)
  })

  it('open from a collapsed panel, which unfolds', async () => {
    const { panel, root, settle } = await mountPanel({ attributes: { collapsed: '' } })
    const opened: string[] = []
    root.addEventListener('click', (event) => {
      event.preventDefault()
      opened.push((event.target as HTMLElement).localName)
    })
    panel.openPicker()
    await settle()
    expect(panel.collapsed).to.equal(false)
    expect(opened).to.deep.equal(['input'])
  })

  it('open by a click on the zone, but not by one on something in it that can be clicked', async () => {
    const zone = await mountZone({}, { content: '<p>Your files, please. <a href="#elsewhere">Terms</a></p>' })
    const opened = pickersOf(zone)
    zone.element.querySelector('p')?.click()
    expect(opened).to.deep.equal(['files'])
    zone.element.querySelector('a')?.click()
    expect(opened).to.deep.equal(['files'])
    zone.element.noClick = true
    await zone.element.updateComplete
    zone.element.querySelector('p')?.click()
    expect(opened).to.deep.equal(['files'])
  })

  it('offer the camera where it is asked for and can take what is accepted', async () => {
    const inputs = ({ root }: Zone) =>
      Array.from(root.querySelectorAll('input'), (input) =>
        `${input.dataset['picker']} ${input.accept} ${input.getAttribute('capture') ?? ''}`.trim(),
      )
    expect(inputs(await mountZone({ capture: 'environment' }))).to.contain('camera image/* environment')
    expect(inputs(await mountZone({ capture: 'user', accept: 'video/mp4' }))).to.contain('camera video/* user')
    expect(inputs(await mountZone({ capture: 'user', accept: '.pdf' }))).to.deep.equal(['files .pdf', 'folder'])
    expect(inputs(await mountZone({ 'max-files': '1' }))).to.deep.equal(['files'])
  })
})

describe('content of the page’s own', () => {
  it('takes the place of the prompt and of the buttons', async () => {
    const { element, root } = await mountZone({}, { content: '<p>Here!</p><button slot="buttons">Pick</button>' })
    expect(root.querySelector('.prompt')).to.equal(null)
    expect(root.querySelector<HTMLElement>('.files-button')?.offsetHeight).to.equal(0)
    expect(element.querySelector('button')?.offsetHeight).to.be.above(0)
  })
})

describe('in little room', () => {
  for (const [width, dir] of [
    [200, 'ltr'],
    [200, 'rtl'],
    [320, 'rtl'],
  ] as const) {
    it(`of ${width} pixels, ${dir}, all of it is there and nothing is cut`, async () => {
      const box = onPage(`<div dir="${dir}" style="inline-size:${width}px"></div>`)
      const { element, root } = await mountZone(
        { accept: 'image/*,.pdf', 'max-size': '5000000', 'max-files': '10', required: '', name: 'files' },
        { parent: box },
      )
      const saved = new FormData()
      saved.append('files', 'op-a')
      element.formStateRestoreCallback(saved)
      element.uploader = scriptedUploader({ maxFiles: 0 })
      drag('drop', element, dragging([new File(['x'], `${'x'.repeat(100)}.txt`)]))
      element.reportValidity()
      await element.updateComplete
      const edge = element.getBoundingClientRect()
      expect(edge.width).to.equal(width)
      for (const part of root.querySelectorAll(
        '.prompt > *, .text-button, .limits, .notice, .notice li, .restored > *, .form-problem > *',
      )) {
        const { left, right } = part.getBoundingClientRect()
        expect([left >= edge.left, right <= edge.right], part.outerHTML).to.deep.equal([true, true])
      }
      const [first, second] = Array.from(root.querySelectorAll('.restored > *'), (part) => part.getBoundingClientRect().left)
      expect((first ?? 0) < (second ?? 0)).to.equal(dir === 'ltr')
    })
  }
})

describe('axe finds nothing', () => {
  for (const theme of ['dark', 'light']) {
    it(`in a ${theme} zone that has something to say`, async () => {
      const form = onPage('<form><label for="zone">Attachments</label></form>')
      const { element } = await mountZone(
        { theme, id: 'zone', name: 'files', required: '', accept: 'image/*', capture: 'user' },
        { parent: form, uploader: scriptedUploader({ maxFiles: 0 }) },
      )
      const saved = new FormData()
      saved.append('files', 'op-a')
      element.formStateRestoreCallback(saved)
      drag('drop', element, dragging([aFile]))
      element.setCustomValidity('Not on Sundays.')
      element.reportValidity()
      await element.updateComplete
      expect(await axeViolations(element)).to.deep.equal([])
    })
  }
})

describe('white space between the tags', () => {
  it('is no content', async () => {
    const { element, root } = await mountZone({}, { content: '\n  <!-- nothing -->\n' })
    const prompt = () => root.querySelector<HTMLElement>('.prompt')
    expect(prompt()?.offsetHeight).to.be.above(0)
    element.append('Words that come later')
    await beforePaint()
    await beforePaint()
    expect(prompt()).to.equal(null)
  })
})

describe('what was refused', () => {
  const refuse = { file: new File(['x'], 'film.mov'), error: new UploadError('file_type', 'This type of file is not accepted.') }

  it('is said, with the reason', async () => {
    const { element, root } = await mountZone({}, { uploader: scriptedUploader({ maxFiles: 0 }) })
    drag('drop', element, dragging([aFile]))
    await element.updateComplete
    expect(root.querySelector('.notice')?.textContent).to.contain('1 file was not added').and.to.contain('a.txt')
  })

  it('by a collapsed panel unfolds it', async () => {
    const { panel, root, settle } = await mountPanel({ attributes: { collapsed: '' }, uploader: scriptedUploader({ maxFiles: 0 }) })
    drag('drop', panel, dragging([aFile]))
    await settle()
    expect(root.querySelector('.notice')?.textContent).to.contain('a.txt')
  })

  it('of what others added to the same uploader is theirs to say', async () => {
    const { uploader } = await mountPanel({
      attributes: { id: 'the-panel', placement: 'inline' },
      uploader: scriptedUploader({ maxFiles: 0 }),
    })
    const { element, root } = await mountZone({ for: 'the-panel' })
    uploader.emit('rejected', [refuse])
    await element.updateComplete
    expect(root.querySelector('.notice')).to.equal(null)
    drag('drop', element, dragging([aFile]))
    await element.updateComplete
    expect(root.querySelector('.notice')?.textContent).to.contain('a.txt')
  })
})
