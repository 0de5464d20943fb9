import { createUploader, putTo, type Uploader } from '@upload-panel/core'
import type { UploadPanel as UploadPanelElement } from '@upload-panel/widget/upload-panel'
import { sendKeys } from '@web/test-runner-commands'
import { expect } from 'chai'
import { createElement, createRef, StrictMode, version } from 'react'
import { axeViolations } from '../../widget/src/testing/axe-violations.js'
import {
  CompactSyncIndicator,
  SyncStatusProvider,
  UploadDropzone,
  UploaderProvider,
  UploadPanel,
  UploadQueue,
  useDropZone,
  useUploadIds,
} from './index.js'
import { mount, unmountAll, until } from './testing/react-page.js'
import { createTestStatus } from './testing/test-status.js'

let uploader: Uploader
beforeEach(() => {
  uploader = createUploader({ backend: putTo(() => '/upload-target/store') })
})
afterEach(async () => {
  unmountAll()
  await uploader.dispose()
})

const file = (name: string) => new File(['content'], name)

/** Files as a mouse brings them, or as a paste does. */
function bring(
  type: 'dragover' | 'dragleave' | 'drop' | 'paste',
  target: EventTarget,
  files: readonly File[],
  at: MouseEventInit = {},
): Event {
  const transfer = new DataTransfer()
  for (const one of files) transfer.items.add(one)
  const init = { bubbles: true, composed: true, cancelable: true, ...at }
  const event = type === 'paste' ? new ClipboardEvent(type, init) : new DragEvent(type, init)
  // Not every engine takes it from a constructor.
  Object.defineProperty(event, type === 'paste' ? 'clipboardData' : 'dataTransfer', { value: transfer })
  target.dispatchEvent(event)
  return event
}

/** Of a shadow tree and all that are in it. */
function deepText(root: ShadowRoot | null | undefined): string {
  if (root == null) return ''
  return [root.textContent, ...Array.from(root.querySelectorAll('*'), (element) => deepText(element.shadowRoot))].join(' ')
}

describe('an element as a component', () => {
  it('shows the provider’s uploads, and tells what happens to the handler of the moment, once', async () => {
    const heard: string[] = []
    const panel = createRef<UploadPanelElement>()
    const page = (name: string) => (
      <StrictMode>
        {name}
        <UploaderProvider uploader={uploader}>
          <UploadPanel ref={panel} placement="inline" onUploadCompleted={({ detail }) => void heard.push(`${name}: ${detail.item.name}`)} />
        </UploaderProvider>
      </StrictMode>
    )
    const tree = mount(page('first'))
    await until(() => panel.current?.uploader === uploader)
    uploader.add([file('one.txt')])
    await until(() => heard.length > 0)
    tree.render(page('second'))
    await until(() => tree.text === 'second')
    uploader.add([file('two.txt')])
    await until(() => heard.length > 1)
    expect(heard).to.deep.equal(['first: one.txt', 'second: two.txt'])
    const rows = () =>
      panel.current?.shadowRoot?.querySelector('upload-panel-list')?.shadowRoot?.querySelectorAll('upload-panel-row').length
    await until(() => rows() === 2)
    tree.unmount()
    // An element that is moved is taken out for a moment, too.
    await until(() => [uploader.$ids, uploader.$summary, uploader.$connection].every(({ lc }) => lc === 0))
  })

  it('takes files, and shows their order, without a word about the uploader', async () => {
    const tree = mount(
      <UploaderProvider uploader={uploader}>
        <UploadDropzone />
        <UploadQueue />
      </UploaderProvider>,
    )
    const find = (name: string) => tree.container.querySelector(name)?.shadowRoot
    await until(() => find('upload-dropzone')?.querySelector('button') != null)
    bring('drop', tree.container.querySelector('upload-dropzone') as Element, [file('dropped.txt')])
    await until(() => deepText(find('upload-queue')).includes('dropped.txt'))
    expect(uploader.items().map(({ name }) => name)).to.deep.equal(['dropped.txt'])
  })

  const inReact19 = version.startsWith('18.') ? it.skip : it
  inReact19('is not needed: the element itself takes properties and handlers', async () => {
    const panel = createRef<UploadPanelElement>()
    const heard: string[] = []
    const props = { uploader, maxFiles: 3, placement: 'inline', 'onupload-added': ({ type }: Event) => void heard.push(type) }
    const tree = mount(<StrictMode>{createElement('upload-panel', { ref: panel, ...props })}</StrictMode>)
    await until(() => panel.current?.uploader === uploader)
    expect(panel.current).to.include({ maxFiles: 3, placement: 'inline' })
    panel.current?.addFiles([file('plain.txt')])
    await until(() => heard.length > 0)
    tree.render(null)
    await until(() => uploader.$summary.lc === 0)
    expect(heard).to.deep.equal(['upload-added'])
  })

  it('follows the provider’s server as long as it is there', async () => {
    const { monitor, transport, connect } = createTestStatus()
    const tree = mount(
      <SyncStatusProvider monitor={monitor}>
        <CompactSyncIndicator />
      </SyncStatusProvider>,
    )
    await until(() => transport.topics.length === 1)
    await connect()
    await until(() => deepText(tree.container.querySelector('sync-status')?.shadowRoot).includes('Live'))
    tree.unmount()
    await until(() => transport.topics.length === 0)
  })
})

describe('useDropZone', () => {
  function Zone({ disabled = false }: { readonly disabled?: boolean }) {
    const { getRootProps, getInputProps, isDragActive } = useDropZone({ disabled })
    const ids = useUploadIds()
    return (
      <div {...getRootProps()} id="zone" style={{ width: 200, height: 100 }}>
        <input {...getInputProps()} />
        {isDragActive ? 'Let go' : 'Drop files here'} {ids.length}
      </div>
    )
  }
  const show = (disabled = false) =>
    mount(
      <StrictMode>
        <UploaderProvider uploader={uploader}>
          <main>
            <button type="button">Before</button>
            <Zone disabled={disabled} />
          </main>
        </UploaderProvider>
      </StrictMode>,
    )
  const zone = () => document.querySelector<HTMLElement>('#zone') as HTMLElement

  it('takes what is dropped and pasted, and says so while files are over it', async () => {
    const tree = show()
    await until(() => tree.text.includes('Drop files here 0'))
    const { left, top } = zone().getBoundingClientRect()
    expect(bring('dragover', zone(), [file('a.txt')]).defaultPrevented).to.equal(true)
    await until(() => tree.text.includes('Let go'))
    bring('dragleave', zone(), [file('a.txt')], { clientX: left + 5, clientY: top + 5 })
    bring('dragleave', zone(), [file('a.txt')], { clientX: left - 5, clientY: top + 5 })
    await until(() => tree.text.includes('Drop files here 0'))
    bring('drop', zone(), [file('a.txt'), file('b.txt')])
    bring('paste', zone(), [file('c.png')])
    await until(() => tree.text.includes('Drop files here 3'))
    expect(uploader.items().map(({ name }) => name)).to.deep.equal(['a.txt', 'b.txt', 'c.png'])
  })

  it('is reached by Tab, and Enter and the space bar open the picker', async () => {
    show()
    await until(() => zone() !== null)
    let opened = 0
    zone()
      .querySelector('input')
      ?.addEventListener('click', (event) => {
        opened += 1
        // No picker, which nobody would close.
        event.preventDefault()
      })
    document.querySelector('button')?.focus()
    await sendKeys({ press: 'Tab' })
    expect(document.activeElement).to.equal(zone())
    await sendKeys({ press: 'Enter' })
    await sendKeys({ press: ' ' })
    zone().click()
    expect(opened).to.equal(3)
  })

  it('breaks no rule of accessibility, in use and out of use', async () => {
    for (const disabled of [false, true]) {
      const tree = show(disabled)
      await until(() => tree.container.querySelector('#zone') !== null)
      expect(await axeViolations(tree.container)).to.deep.equal([])
      tree.unmount()
    }
  })
})
