import { expect } from 'chai'
import '../index.js'
import { UploadPanel } from '../upload-panel.js'
import { createMessages } from '../messages/create-messages.js'
import { fr } from '../messages/fr.js'
import { mountPanel, type PanelHarness, unmountAll } from '../testing/panel-harness.js'
import { realUploader } from '../testing/real-uploader.js'
import { scriptedUploader } from '../testing/scripted-uploader.js'
import { define } from './define.js'

const NAMES = ['upload-panel', 'upload-dropzone', 'upload-queue', 'upload-progress', 'sync-status'] as const
const mounted: Element[] = []

function keep<E extends Element>(element: E, parent: Element = document.body): E {
  parent.append(element)
  mounted.push(element)
  return element
}

const frames = async (count = 3) => {
  for (let frame = 0; frame < count; frame += 1) await new Promise((resolve) => requestAnimationFrame(resolve))
}
/** A task, in which what was removed lets go of what it held. */
const aTask = () => new Promise((resolve) => setTimeout(resolve))

afterEach(() => {
  unmountAll()
  for (const element of mounted.splice(0)) element.remove()
})

/** Everything in a shadow tree and those below it. */
function deep(root: ParentNode): readonly Element[] {
  return Array.from(root.querySelectorAll('*')).flatMap((element) => [element, ...(element.shadowRoot ? deep(element.shadowRoot) : [])])
}

const LOOK = [
  'display',
  'color',
  'font',
  'letterSpacing',
  'textTransform',
  'textAlign',
  'backgroundColor',
  'padding',
  'borderRadius',
] as const

function looks(panel: UploadPanel): readonly string[] {
  return deep(panel.shadowRoot as ShadowRoot)
    .filter((element) => element instanceof HTMLElement)
    .map((element) => `${element.localName}.${element.className}: ${LOOK.map((name) => getComputedStyle(element)[name]).join(' | ')}`)
}

describe('a strict policy with Trusted Types', () => {
  it('is not violated by any element, a language, or a queue that is kept; only the Worker is done without', async () => {
    const { origin } = location
    const policy = [
      "default-src 'none'",
      `script-src ${origin}`,
      `style-src ${origin}`,
      `img-src ${origin} blob:`,
      `connect-src ${origin}`,
      `worker-src ${origin}`,
      "require-trusted-types-for 'script'",
      'trusted-types lit-html',
    ].join('; ')
    const frame = document.createElement('iframe')
    const module = new URL('../testing/strict-elements-page.ts', import.meta.url).pathname
    frame.srcdoc = `<!doctype html><meta http-equiv="Content-Security-Policy" content="${policy}"><body><script type="module" src="${module}"></script>`
    const report = new Promise<MessageEvent>((resolve) => window.addEventListener('message', resolve, { once: true }))
    keep(frame)
    const { data } = await report
    expect(data.silent).to.deep.equal([])
    expect(data.violations.filter((violation: string) => violation !== 'require-trusted-types-for trusted-types-sink')).to.deep.equal([])
    expect(data.violations.length).to.be.lessThan(2)
  })
})

describe('a page’s own styles', () => {
  it('do not reach the inside of a panel', async () => {
    const uploader = scriptedUploader()
    uploader.add([new File(['x'], 'a.txt')])
    const { panel, settle } = await mountPanel({ uploader })
    await settle()
    const before = looks(panel)
    const style = document.createElement('style')
    style.textContent = `
      * { color: red; font: 40px serif; letter-spacing: 9px; text-transform: uppercase; text-align: right; margin: 7px; padding: 7px; border-radius: 0 }
      button, .panel, .row { background: lime; display: inline }
      [hidden] { display: flex }
      svg { width: 300px } h2, p, ul, li { margin: 3em; list-style: square }`
    keep(style, document.head)
    await frames()
    expect(looks(panel)).to.deep.equal(before)
  })

  it('are left alone, and so is the rest of the document', async () => {
    const state = () => ({
      head: document.head.innerHTML,
      sheets: document.adoptedStyleSheets.length,
      html: document.documentElement.cloneNode(false),
      body: document.body.cloneNode(false),
      children: Array.from(document.body.children, ({ localName }) => localName).filter((name) => !NAMES.some((own) => own === name)),
    })
    const plain = ({ head, sheets, html, body, children }: ReturnType<typeof state>) =>
      JSON.stringify([head, sheets, (html as Element).outerHTML, (body as Element).outerHTML, children])
    const before = plain(state())
    for (const name of NAMES) keep(document.createElement(name))
    await frames()
    expect(plain(state())).to.equal(before)
  })
})

describe('several panels', () => {
  it('of one uploader show the same; of two, each its own', async () => {
    const first = scriptedUploader()
    const one = await mountPanel({ uploader: first })
    const two = await mountPanel({ uploader: first })
    const other = await mountPanel()
    first.add([new File(['x'], 'a.txt')])
    await one.settle()
    const names = (harness: PanelHarness) => harness.rows().map((row) => row.name)
    expect([names(one), names(two), names(other)]).to.deep.equal([['a.txt'], ['a.txt'], []])
  })
})

describe('a panel that is moved while it uploads', () => {
  it('goes on as if nothing had been', async () => {
    const world = realUploader()
    const panel = document.createElement('upload-panel')
    panel.uploader = world.uploader
    keep(panel)
    const there = keep(document.createElement('section'))
    await frames()
    panel.addFiles([new File(['12345678'], 'a.txt')])
    await frames()
    there.append(panel)
    await frames()
    await aTask()
    const rows = panel.shadowRoot?.querySelector('upload-panel-list')?.shadowRoot?.querySelectorAll('upload-panel-row')
    expect(rows).to.have.length(1)
    expect(world.item('a.txt').phase).not.to.equal('cancelled')
    await world.uploader.dispose()
  })

  it('keeps its own uploader, which ends when it stays away', async () => {
    const panel = document.createElement('upload-panel')
    panel.endpoint = '/nowhere'
    panel.realtime = 'none'
    panel.noAutoStart = true
    keep(panel)
    await panel.updateComplete
    const { uploader } = panel
    panel.addFiles([new File(['x'], 'a.txt')])
    keep(document.createElement('section')).append(panel)
    await aTask()
    expect(panel.uploader === uploader).to.equal(true)
    expect(panel.uploader?.items()).to.have.length(1)
    panel.remove()
    await aTask()
    document.body.append(panel)
    await panel.updateComplete
    expect(panel.uploader === uploader).to.equal(false)
  })
})

describe('what was set before the element was defined', () => {
  it('counts, each property of it', async () => {
    const uploader = scriptedUploader()
    const early = keep(document.createElement('early-panel')) as UploadPanel
    Object.assign(early, {
      uploader,
      messages: createMessages('fr', fr),
      maxFiles: 3,
      theme: 'light',
      collapsed: false,
      lang: 'de',
      hidden: false,
    })
    customElements.define('early-panel', class extends UploadPanel {})
    await early.updateComplete
    expect(early.uploader === uploader).to.equal(true)
    expect(early).to.include({ maxFiles: 3, theme: 'light', lang: 'de' })
    expect(early.shadowRoot?.textContent).to.include('Choisir')
    for (const name of ['uploader', 'messages', 'maxFiles', 'theme']) expect(Object.hasOwn(early, name), name).to.equal(false)
  })
})

describe('two copies of the script', () => {
  it('do not quarrel about names', () => {
    for (const name of NAMES) {
      const before = customElements.get(name)
      define(name, class extends HTMLElement {})
      expect(customElements.get(name)).to.equal(before)
    }
  })

  it('find each other’s elements by their shape', async () => {
    const uploader = scriptedUploader()
    class OtherCopy extends HTMLElement {
      uploader: unknown
    }
    customElements.define('other-copy', OtherCopy)
    const other = keep(document.createElement('other-copy')) as OtherCopy
    other.id = 'of-another-copy'
    const panel = keep(document.createElement('upload-panel'))
    panel.setAttribute('for', other.id)
    await panel.updateComplete
    expect(panel.uploader).to.equal(undefined)
    other.uploader = uploader
    other.dispatchEvent(new Event('upload-panel-uploader-change', { bubbles: true }))
    await panel.updateComplete
    expect(panel.uploader === uploader).to.equal(true)
  })
})

describe('an element that borrows another’s uploader', () => {
  it('lets go of it when that one leaves', async () => {
    const source = document.createElement('upload-panel')
    source.id = 'source'
    source.endpoint = '/nowhere'
    source.realtime = 'none'
    keep(source)
    const borrower = document.createElement('upload-panel')
    borrower.setAttribute('for', 'source')
    keep(borrower)
    await borrower.updateComplete
    expect(borrower.uploader === source.uploader && source.uploader !== undefined).to.equal(true)
    let renders = 0
    borrower.addController({ hostUpdated: () => void (renders += 1) })
    source.remove()
    await aTask()
    await borrower.updateComplete
    expect(renders).to.be.greaterThan(0)
    expect(borrower.uploader).to.equal(undefined)
  })
})

describe('a panel in a shadow root', () => {
  it('works, and its events come out', async () => {
    const host = keep(document.createElement('div'))
    const inside = document.createElement('div')
    host.attachShadow({ mode: 'open' }).append(inside)
    const { add, rows } = await mountPanel({ parent: inside })
    let added = 0
    host.addEventListener('upload-added', () => void (added += 1), { once: true })
    await add('a.txt')
    expect([rows().length, added]).to.deep.equal([1, 1])
  })
})

describe('a panel in a dialog', () => {
  it('takes the focus it is given, and leaves Escape to the dialog', async () => {
    const dialog = keep(document.createElement('dialog'))
    const { button } = await mountPanel({ parent: dialog })
    dialog.showModal()
    const choose = button('Choose files')
    choose.focus()
    expect(choose.matches(':focus')).to.equal(true)
    const escape = new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, composed: true, cancelable: true })
    expect(choose.dispatchEvent(escape)).to.equal(true)
    dialog.close()
  })
})

describe('an element in a form', () => {
  it('submits nothing by any of its buttons', async () => {
    const form = keep(document.createElement('form'))
    let submits = 0
    form.addEventListener('submit', (event) => {
      event.preventDefault()
      submits += 1
    })
    const uploader = scriptedUploader()
    uploader.add([new File(['x'], 'a.txt'), new File(['x'], 'b.txt')])
    for (const name of NAMES) {
      const element = document.createElement(name)
      if ('uploader' in element) Object.assign(element, { uploader })
      form.append(element)
    }
    await frames()
    const buttons = deep(form).filter((element) => element instanceof HTMLButtonElement)
    expect(buttons.length).to.be.greaterThan(5)
    for (const button of buttons) expect(button.type, button.outerHTML).to.equal('button')
    expect(submits).to.equal(0)
  })
})

describe('a copy', () => {
  it('by cloneNode, importNode or a template is an element of its own', async () => {
    const { panel, add } = await mountPanel({ attributes: { theme: 'light' } })
    await add('a.txt')
    const template = document.createElement('template')
    template.innerHTML = '<upload-panel theme="light"></upload-panel>'
    const copies = [
      panel.cloneNode(true),
      document.importNode(panel, true),
      document.importNode(template.content, true).firstElementChild,
    ] as UploadPanel[]
    for (const copy of copies) {
      keep(copy)
      await copy.updateComplete
      expect([copy.theme, copy.uploader]).to.deep.equal(['light', undefined])
      expect(copy.shadowRoot?.querySelector('.title')?.textContent).to.equal('Uploads')
    }
    expect(panel.uploader?.items()).to.have.length(1)
  })
})

describe('a panel that is adopted by another document', () => {
  it('keeps its styles, and those of rows that come later', async () => {
    const frame = keep(document.createElement('iframe'))
    const { panel, add, rows, settle } = await mountPanel()
    await add('before.txt')
    frame.contentDocument?.body.append(panel)
    await settle()
    await add('after.txt')
    await settle()
    expect(rows().map((row) => row.name)).to.deep.equal(['before.txt', 'after.txt'])
    const view = frame.contentWindow as Window
    for (const row of rows()) expect(view.getComputedStyle(row.root.querySelector('.row') as Element).display).to.equal('grid')
    document.body.append(panel)
    await settle()
    for (const row of rows()) expect(getComputedStyle(row.root.querySelector('.row') as Element).display).to.equal('grid')
  })
})

describe('a page that is kept for the way back', () => {
  it('goes on where it was', async () => {
    const { add, rows, set, settle } = await mountPanel()
    const [id = ''] = await add('a.txt')
    window.dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))
    window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))
    await set(id, { phase: 'completed' })
    await settle()
    expect(rows()[0]?.badge).to.equal('Completed')
  })

  it('is not kept from it by a listener for its end', async () => {
    const types: string[] = []
    const { addEventListener } = window
    window.addEventListener = function (this: Window, ...args: Parameters<typeof addEventListener>) {
      types.push(args[0])
      return addEventListener.apply(this, args)
    } as typeof addEventListener
    try {
      const panel = document.createElement('upload-panel')
      panel.endpoint = '/nowhere'
      panel.realtime = 'none'
      keep(panel)
      for (const name of NAMES) keep(document.createElement(name))
      await frames()
    } finally {
      window.addEventListener = addEventListener
    }
    expect(types).not.to.include('unload')
    expect(types).not.to.include('beforeunload')
  })
})
