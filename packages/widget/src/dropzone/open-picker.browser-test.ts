import { expect } from 'chai'
import '../upload-dropzone.js'
import '../upload-panel.js'
import { mountElement, unmountElements } from '../testing/mount-element.js'
import { scriptedUploader } from '../testing/scripted-uploader.js'

/** A task, in which what was removed lets go of what it held. */
const aTask = () => new Promise((resolve) => setTimeout(resolve))

afterEach(unmountElements)

for (const name of ['upload-panel', 'upload-dropzone'] as const) {
  describe(`while the file dialog of <${name}> is open`, () => {
    /** An element with an uploader of its own, whose dialog has been opened. */
    async function opened(attributes: Readonly<Record<string, string>> = { endpoint: '/nowhere' }) {
      const element = mountElement(name, { realtime: 'none', 'no-auto-start': '', placement: 'inline', ...attributes })
      await element.updateComplete
      const input = element.shadowRoot?.querySelector<HTMLInputElement>('input[data-picker=files]')
      if (!input) throw new Error('There is no picker.')
      const added: string[] = []
      element.addEventListener('upload-added', ({ detail: { items } }) => added.push(...items.map((item) => item.name)))
      return {
        element,
        added,
        /** The person has chosen. */
        choose(file: string) {
          const transfer = new DataTransfer()
          transfer.items.add(new File(['content'], file))
          input.files = transfer.files
          for (const type of ['input', 'change']) input.dispatchEvent(new Event(type, { bubbles: true }))
        },
        names: () => (element.uploader?.items() ?? []).map((item) => item.name),
      }
    }

    it('the element may be moved, and takes what is chosen', async () => {
      const { element, added, choose, names } = await opened()
      const there = document.createElement('section')
      document.body.append(there)
      there.append(element)
      await aTask()
      choose('a.txt')
      expect([names(), added]).to.deep.equal([['a.txt'], ['a.txt']])
      there.remove()
    })

    it('the element may be taken off the page, and takes what was chosen meanwhile when it comes back', async () => {
      const { element, added, choose, names } = await opened()
      element.remove()
      await aTask()
      choose('a.txt')
      choose('b.txt')
      await element.updateComplete
      expect([names(), added]).to.deep.equal([[], []])
      document.body.append(element)
      await element.updateComplete
      expect([names(), added]).to.deep.equal([
        ['a.txt', 'b.txt'],
        ['a.txt', 'b.txt'],
      ])
      element.remove()
      await aTask()
      document.body.append(element)
      await element.updateComplete
      expect(names()).to.deep.equal([])
    })

    it('the element may be back when the person chooses', async () => {
      const { element, choose, names } = await opened()
      element.remove()
      await aTask()
      document.body.append(element)
      await element.updateComplete
      choose('a.txt')
      expect(names()).to.deep.equal(['a.txt'])
    })

    it('an uploader of the page’s has what was chosen at once, wherever the element is', async () => {
      const { element, choose } = await opened({})
      const uploader = scriptedUploader()
      element.uploader = uploader
      await element.updateComplete
      element.remove()
      await aTask()
      choose('a.txt')
      expect(uploader.items().map((item) => item.name)).to.deep.equal(['a.txt'])
    })
  })
}

it('a panel may be collapsed while its file dialog is open', async () => {
  const panel = mountElement('upload-panel', { placement: 'inline', remember: 'off' })
  const uploader = scriptedUploader()
  panel.uploader = uploader
  await panel.updateComplete
  const input = panel.shadowRoot?.querySelector<HTMLInputElement>('input[data-picker=files]')
  panel.collapse()
  await panel.updateComplete
  if (!input) throw new Error('There is no picker.')
  const transfer = new DataTransfer()
  transfer.items.add(new File(['content'], 'a.txt'))
  input.files = transfer.files
  input.dispatchEvent(new Event('change', { bubbles: true }))
  expect(uploader.items().map((item) => item.name)).to.deep.equal(['a.txt'])
})
