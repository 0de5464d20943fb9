import { UploadError } from '@upload-panel/core'
import { expect } from 'chai'
import { anItem } from '../testing/an-item.js'
import { mountPanel, type ScriptedPanelHarness, unmountAll } from '../testing/panel-harness.js'
import { scriptedUploader } from '../testing/scripted-uploader.js'

const failure = new UploadError('network', 'The connection was lost.')

interface FormHarness extends ScriptedPanelHarness {
  readonly form: HTMLFormElement
  /** What the server would get. */
  sent(): readonly (readonly [string, FormDataEntryValue])[]
  /** Adds a file that is confirmed as an upload of this id. */
  confirm(operationId: string): Promise<string>
}

const forms = new Set<HTMLFormElement>()

async function mountForm(attributes: Readonly<Record<string, string>> = { name: 'uploads' }, markup = ''): Promise<FormHarness> {
  const form = document.createElement('form')
  form.innerHTML = markup
  form.addEventListener('submit', (event) => event.preventDefault())
  document.body.append(form)
  forms.add(form)
  const harness = await mountPanel({ attributes: { placement: 'inline', ...attributes }, parent: form.querySelector('fieldset') ?? form })
  return Object.assign(harness, {
    form,
    sent: () => Array.from(new FormData(form).entries()),
    async confirm(operationId: string) {
      const [id = ''] = harness.uploader.add([new File(['x'], `${operationId}.txt`)])
      harness.uploader.set(id, { phase: 'completed', operationId })
      await harness.settle()
      return id
    },
  })
}

/** Names of the events that a target tells, in order. */
function listenTo(target: EventTarget, ...types: readonly string[]): string[] {
  const told: string[] = []
  for (const type of types) target.addEventListener(type, () => told.push(type))
  return told
}

/** After this task, which is when it is known whether focus was moved. */
const later = () => new Promise((resolve) => setTimeout(resolve))

afterEach(() => {
  unmountAll()
  for (const form of forms) form.remove()
  forms.clear()
})

describe('the form’s data', () => {
  it('has an entry for each confirmed file, at once and in the order of confirmation', async () => {
    const { form, panel, uploader, sent } = await mountForm()
    const [a = '', b = ''] = uploader.add([new File(['x'], 'a.txt'), new File(['x'], 'b.txt')])
    expect(sent()).to.deep.equal([])
    uploader.set(b, { phase: 'completed', operationId: 'op-b' })
    uploader.set(a, { phase: 'completed', operationId: 'op-a' })
    expect(sent()).to.deep.equal([
      ['uploads', 'op-b'],
      ['uploads', 'op-a'],
    ])
    expect(panel.value).to.deep.equal(['op-b', 'op-a'])
    expect(form.elements.namedItem('uploads') === panel).to.equal(true)
  })

  it('has the item’s own id where the server gave none, or what the page makes of it', async () => {
    const { uploader, sent, panel } = await mountForm()
    const [a = '', b = ''] = uploader.add([new File(['x'], 'a.txt'), new File(['x'], 'b.txt')])
    uploader.set(a, { phase: 'completed' })
    panel.formValue = (item) => `/files/${item.name}`
    uploader.set(b, { phase: 'completed' })
    expect(sent()).to.deep.equal([
      ['uploads', a],
      ['uploads', '/files/b.txt'],
    ])
  })

  it('has the id where what the page makes of it is nothing, or throws', async () => {
    const reported: unknown[] = []
    const { reportError: real } = globalThis
    globalThis.reportError = (error: unknown) => void reported.push(error)
    try {
      const { panel, uploader, confirm, sent } = await mountForm()
      Object.assign(panel, { formValue: ({ result }: { result?: { url: string } }) => result?.url })
      await confirm('op-a')
      Object.assign(panel, { formValue: ({ result }: { result: { url: string } }) => result.url })
      const [id = ''] = uploader.add([new File(['x'], 'b.txt')])
      uploader.set(id, { phase: 'completed', operationId: 'op-b' })
      expect(sent().map(([, value]) => value)).to.deep.equal(['op-a', 'op-b'])
      expect(reported.length).to.equal(1)
    } finally {
      globalThis.reportError = real
    }
  })

  it('has a file that was confirmed on an earlier page, before this one hears of it', async () => {
    const { panel, uploader } = await mountForm()
    const heard: (readonly string[])[] = []
    panel.addEventListener('upload-added', () => heard.push(panel.value))
    uploader.emit('added', [anItem({ phase: 'completed', operationId: 'op-a' })])
    expect(heard).to.deep.equal([['op-a']])
  })

  it('loses an entry with its confirmation, and with its file', async () => {
    const { uploader, confirm, sent } = await mountForm()
    const a = await confirm('op-a')
    const b = await confirm('op-b')
    await confirm('op-c')
    uploader.set(a, { phase: 'failed', by: 'server', error: failure })
    expect(sent().map(([, id]) => id)).to.deep.equal(['op-b', 'op-c'])
    uploader.remove(b)
    expect(sent().map(([, id]) => id)).to.deep.equal(['op-c'])
  })

  it('has nothing of a panel without a name, of a disabled one, and of one in a disabled fieldset', async () => {
    const nameless = await mountForm({})
    await nameless.confirm('op-a')
    expect(nameless.sent()).to.deep.equal([])
    nameless.panel.name = 'later'
    await nameless.settle()
    expect(nameless.sent()).to.deep.equal([['later', 'op-a']])

    const disabled = await mountForm({ name: 'uploads', disabled: '' })
    await disabled.confirm('op-a')
    expect(disabled.sent()).to.deep.equal([])

    const inFieldset = await mountForm({ name: 'uploads' }, '<fieldset disabled></fieldset>')
    await inFieldset.confirm('op-a')
    expect(inFieldset.sent()).to.deep.equal([])
  })

  it('tells several panels apart', async () => {
    const first = await mountForm({ name: 'first' })
    const second = await mountPanel({ attributes: { name: 'second', placement: 'inline' }, parent: first.form })
    await first.confirm('op-a')
    const [id = ''] = second.uploader.add([new File(['x'], 'b.txt')])
    second.uploader.set(id, { phase: 'completed', operationId: 'op-b' })
    expect(first.sent()).to.deep.equal([
      ['first', 'op-a'],
      ['second', 'op-b'],
    ])
  })

  it('has what an uploader that is exchanged for another has, and no more', async () => {
    const { panel, confirm, sent, settle } = await mountForm()
    await confirm('op-a')
    const other = scriptedUploader()
    const [id = ''] = other.add([new File(['x'], 'b.txt')])
    other.set(id, { phase: 'completed', operationId: 'op-b' })
    panel.uploader = other
    await settle()
    expect(sent()).to.deep.equal([['uploads', 'op-b']])
  })

  it('costs the same for the ten-thousandth file as for the first', async () => {
    const { panel, uploader } = await mountForm()
    const ids = uploader.add(Array.from({ length: 2000 }, (_, index) => new File(['x'], `${index}.txt`)))
    let made = 0
    const { append } = FormData.prototype
    FormData.prototype.append = function (this: FormData, name: string, value: string | Blob) {
      made += 1
      Reflect.apply(append, this, [name, value])
    }
    try {
      for (const id of ids.slice(0, 20)) uploader.set(id, { phase: 'completed' })
    } finally {
      FormData.prototype.append = append
    }
    expect(panel.value).to.have.length(20)
    expect(made).to.equal(20)
  })
})

describe('validity', () => {
  it('misses a file where one is required, until one is confirmed', async () => {
    const { panel, confirm, settle } = await mountForm({ name: 'uploads', required: '' })
    expect(panel.checkValidity()).to.equal(false)
    expect(panel.validity?.valueMissing).to.equal(true)
    expect(panel.validationMessage).to.equal('Please add a file.')
    await confirm('op-a')
    expect(panel.checkValidity()).to.equal(true)
    panel.required = false
    panel.clear()
    await settle()
    expect(panel.checkValidity()).to.equal(true)
  })

  it('keeps a form from being sent while uploads run, and lets it go in the moment of the last confirmation', async () => {
    const { form, panel, uploader, sent, settle } = await mountForm()
    const told = listenTo(form, 'submit')
    const [id = ''] = uploader.add([new File(['x'], 'a.txt')])
    form.requestSubmit()
    expect(told).to.deep.equal([])
    expect(panel.validity?.badInput).to.equal(true)
    expect(panel.validationMessage).to.contain('Uploads are still running.')
    let atOnce: readonly unknown[] = []
    panel.addEventListener('input', () => {
      form.requestSubmit()
      atOnce = sent()
    })
    uploader.set(id, { phase: 'completed', operationId: 'op-a' })
    expect(told).to.deep.equal(['submit'])
    expect(atOnce).to.deep.equal([['uploads', 'op-a']])
    await settle()
  })

  it('does not ask to wait for what stands still', async () => {
    const { panel, uploader } = await mountForm()
    const [a = '', b = ''] = uploader.add([new File(['x'], 'a.txt'), new File(['x'], 'b.txt')])
    uploader.setSummary({ held: true })
    expect(panel.validationMessage).to.contain('not been started')
    uploader.set(a, { phase: 'completed' })
    expect(panel.validationMessage).to.contain('paused')
    uploader.setSummary({ held: false })
    expect(panel.validationMessage).to.contain('still running')
    uploader.remove(b)
    expect(panel.validationMessage).to.equal('')
  })

  it('wants a failed file to be retried or removed', async () => {
    const { panel, uploader } = await mountForm()
    const [a = '', b = ''] = uploader.add([new File(['x'], 'a.txt'), new File(['x'], 'b.txt')])
    uploader.set(a, { phase: 'failed', by: 'self', error: failure })
    expect(panel.validationMessage).to.contain('still running')
    uploader.set(b, { phase: 'cancelled' })
    expect(panel.validationMessage).to.equal('1 file failed. Retry it or remove it.')
    uploader.remove(a)
    expect(panel.checkValidity()).to.equal(true)
  })

  it('knows the page’s own objection, until it is taken back', async () => {
    const { panel } = await mountForm()
    panel.setCustomValidity('Not on Sundays.')
    expect(panel.validity?.customError).to.equal(true)
    expect(panel.validationMessage).to.equal('Not on Sundays.')
    panel.setCustomValidity('')
    expect(panel.checkValidity()).to.equal(true)
  })

  it('is not asked of a disabled panel', async () => {
    const { panel, form, settle } = await mountForm({ name: 'uploads', required: '' })
    panel.disabled = true
    await settle()
    expect(panel.willValidate).to.equal(false)
    expect(form.checkValidity()).to.equal(true)
  })

  it('is shown in the panel when the form could not be sent, and follows what happens until all is well', async () => {
    const { form, panel, root, uploader, confirm, settle } = await mountForm({ name: 'uploads', required: '' })
    const shown = () => root.querySelector('.form-problem')?.textContent?.trim()
    panel.checkValidity()
    await settle()
    expect(shown()).to.equal(undefined)
    form.requestSubmit()
    await settle()
    expect(shown()).to.equal('Please add a file.')
    const button = root.querySelector('.files-button')
    expect(root.getElementById(button?.getAttribute('aria-describedby') ?? '')?.textContent).to.contain('Please add a file.')
    const [id = ''] = uploader.add([new File(['x'], 'a.txt')])
    await settle()
    expect(shown()).to.contain('still running')
    uploader.remove(id)
    await confirm('op-a')
    expect(shown()).to.equal(undefined)
  })

  it('is not shown, nor the panel unfolded, to who only asks the form', async () => {
    const { form, panel, root, button, settle } = await mountForm({ name: 'uploads', required: '' })
    button('Choose files').focus()
    expect(form.checkValidity()).to.equal(false)
    await later()
    await settle()
    expect(root.querySelector('.form-problem')).to.equal(null)
    panel.collapsed = true
    await settle()
    expect(form.checkValidity()).to.equal(false)
    await later()
    await settle()
    expect(panel.collapsed).to.equal(true)
  })

  it('is shown beside what else is in the way of the form, where focus goes', async () => {
    const { form, root, settle } = await mountForm({ name: 'uploads', required: '' }, '<input required>')
    form.requestSubmit()
    await later()
    await settle()
    expect(form.querySelector('input') === document.activeElement).to.equal(true)
    expect(root.querySelector('.form-problem')?.textContent).to.contain('Please add a file.')
  })

  it('is left to a page that shows it itself', async () => {
    const { form, panel, root, settle } = await mountForm({ name: 'uploads', required: '' })
    panel.addEventListener('invalid', (event) => event.preventDefault())
    form.requestSubmit()
    await later()
    await settle()
    expect(root.querySelector('.form-problem')).to.equal(null)
    expect(panel.reportValidity()).to.equal(false)
    await settle()
    expect(root.querySelector('.form-problem')).not.to.equal(null)
  })

  it('unfolds a collapsed panel to be shown', async () => {
    const { form, panel, root, settle } = await mountForm({ name: 'uploads', required: '', collapsed: '' })
    form.requestSubmit()
    await settle()
    expect(panel.collapsed).to.equal(false)
    expect(root.querySelector('.form-problem')?.textContent).to.contain('Please add a file.')
  })
})

describe('events', () => {
  it('tell of the value at each confirmation, and of its change when nothing is under way any more', async () => {
    const { form, uploader } = await mountForm()
    const told = listenTo(form, 'input', 'change')
    const [a = '', b = '', c = ''] = uploader.add(['a', 'b', 'c'].map((name) => new File(['x'], name)))
    uploader.set(a, { phase: 'completed' })
    uploader.set(b, { phase: 'completed' })
    expect(told).to.deep.equal(['input', 'input'])
    uploader.set(c, { phase: 'cancelled' })
    expect(told).to.deep.equal(['input', 'input', 'change'])
    uploader.set(a, { phase: 'failed', by: 'server', error: failure })
    expect(told.slice(3)).to.deep.equal(['input', 'change'])
  })

  it('tell nothing where the value stays', async () => {
    const { form, uploader } = await mountForm()
    const told = listenTo(form, 'input', 'change')
    const [a = ''] = uploader.add([new File(['x'], 'a')])
    uploader.set(a, { phase: 'uploading', sentBytes: 1 })
    uploader.set(a, { phase: 'failed', by: 'self', error: failure })
    uploader.remove(a)
    expect(told).to.deep.equal([])
  })

  it('of the file input inside stay inside', async () => {
    const { form, root } = await mountForm()
    const told = listenTo(form, 'input', 'change')
    const input = root.querySelector('input')
    input?.dispatchEvent(new Event('input', { bubbles: true, composed: true }))
    input?.dispatchEvent(new Event('change', { bubbles: true }))
    expect(told).to.deep.equal([])
  })
})

describe('a form', () => {
  it('that is reset takes every file off the list, quietly', async () => {
    const { form, panel, uploader, confirm, sent, settle } = await mountForm({ name: 'uploads', required: '' })
    await confirm('op-a')
    const told = listenTo(form, 'input', 'change')
    form.reset()
    await settle()
    expect(uploader.items()).to.deep.equal([])
    expect(sent()).to.deep.equal([])
    expect(panel.validity?.valueMissing).to.equal(true)
    expect(told).to.deep.equal([])
  })

  it('that is reset forgets ids from before, and what was refused', async () => {
    const { form, panel, root, uploader, sent, settle } = await mountForm()
    const saved = new FormData()
    saved.append('uploads', 'op-a')
    panel.formStateRestoreCallback(saved)
    uploader.emit('rejected', [{ file: new File(['x'], 'a.exe'), error: failure }])
    await settle()
    expect(root.querySelector('.notice')).not.to.equal(null)
    form.reset()
    await settle()
    expect(panel.value).to.deep.equal([])
    expect(sent()).to.deep.equal([])
    expect(root.querySelector('.restored')).to.equal(null)
    expect(root.querySelector('.notice')).to.equal(null)
  })

  it('that comes back keeps the ids that were confirmed, and says of how many it knows no more', async () => {
    const { panel, root, sent, confirm, settle, form } = await mountForm({ name: 'uploads', required: '' })
    const saved = new FormData()
    saved.append('uploads', 'op-a')
    saved.append('uploads', 'op-b')
    panel.formStateRestoreCallback(saved)
    await settle()
    expect(panel.value).to.deep.equal(['op-a', 'op-b'])
    expect(panel.checkValidity()).to.equal(true)
    expect(root.querySelector('.restored')?.textContent).to.contain('2 files from before')
    await confirm('op-b')
    expect(sent().map(([, id]) => id)).to.deep.equal(['op-a', 'op-b'])
    expect(root.querySelector('.restored')?.textContent).to.contain('1 file from before')
    const told = listenTo(form, 'input', 'change')
    root.querySelector<HTMLButtonElement>('.restored button')?.click()
    await settle()
    expect(panel.value).to.deep.equal(['op-b'])
    expect(told).to.deep.equal(['input', 'change'])
  })

  it('disables the panel with its fieldset, and enables it again', async () => {
    const { form, panel, button, settle } = await mountForm({ name: 'uploads' }, '<fieldset disabled></fieldset>')
    expect(button('Choose files').disabled).to.equal(true)
    ;(form.firstElementChild as HTMLFieldSetElement).disabled = false
    await settle()
    expect(button('Choose files').disabled).to.equal(false)
    expect(panel.disabled).to.equal(false)
  })

  it('has labels that open the file picker', async () => {
    const { form, panel, root } = await mountForm({ name: 'uploads', id: 'labelled' }, '<label for="labelled">Attachments</label>')
    const input = root.querySelector('input') as HTMLInputElement
    let opened = 0
    input.addEventListener('click', (event) => {
      event.preventDefault()
      opened += 1
    })
    form.querySelector('label')?.click()
    expect(Array.from(panel.labels ?? [], (label) => label.textContent)).to.deep.equal(['Attachments'])
    expect(opened).to.equal(1)
    expect(root.activeElement === root.querySelector('.files-button')).to.equal(true)
  })
})

describe('an engine without form-associated elements', () => {
  it('has a panel that works and is no part of the form', async () => {
    const setFormValue = Object.getOwnPropertyDescriptor(ElementInternals.prototype, 'setFormValue')
    delete (ElementInternals.prototype as Partial<ElementInternals>).setFormValue
    try {
      const { panel, confirm } = await mountForm({ name: 'uploads', required: '' })
      expect(panel.checkValidity()).to.equal(false)
      expect(panel.form).to.equal(null)
      await confirm('op-a')
      expect(panel.value).to.deep.equal(['op-a'])
      expect(panel.reportValidity()).to.equal(true)
    } finally {
      if (setFormValue) Object.defineProperty(ElementInternals.prototype, 'setFormValue', setFormValue)
    }
  })
})
