import { expect } from 'chai'
import { mountPanelOver, unmountAll } from '../testing/panel-harness.js'
import { realUploader } from '../testing/real-uploader.js'

let form: HTMLFormElement
beforeEach(() => {
  form = document.body.appendChild(document.createElement('form'))
  form.addEventListener('submit', (event) => event.preventDefault())
})
afterEach(() => {
  unmountAll()
  form.remove()
})

describe('a form around a real uploader', () => {
  it('is sent in the moment of the server’s word, no earlier, and not after it was taken back', async () => {
    const real = realUploader()
    const { panel, settle } = await mountPanelOver(real.uploader, { attributes: { name: 'uploads', placement: 'inline' }, parent: form })
    const sent: FormDataEntryValue[][] = []
    form.addEventListener('submit', () => sent.push(new FormData(form).getAll('uploads')))
    for (const type of ['upload-added', 'upload-started', 'upload-transferred', 'upload-completed', 'upload-revoked'])
      panel.addEventListener(type, () => form.requestSubmit())

    panel.addFiles([new File(['x'.repeat(1000)], 'film.mp4')])
    await settle()
    real.requests[0]?.progress(400)
    real.requests[0]?.respond(200)
    await settle()
    expect(sent).to.deep.equal([])
    real.say('film.mp4', { status: 'completed', progress: 100 })
    expect(sent).to.deep.equal([[real.item('film.mp4').operationId]])
    real.say('film.mp4', { status: 'failed', error: { code: 'moderated', message: 'Removed.', retryable: false } })
    expect(sent).to.have.length(1)
    expect(panel.value).to.deep.equal([])
    expect(panel.validationMessage).to.contain('1 file failed')
  })

  it('is not told of progress', async () => {
    const real = realUploader()
    const { panel, settle } = await mountPanelOver(real.uploader, { attributes: { name: 'uploads', placement: 'inline' }, parent: form })
    const told: string[] = []
    for (const type of ['input', 'change']) form.addEventListener(type, () => told.push(type))
    panel.addFiles([new File(['x'.repeat(1000)], 'film.mp4')])
    await settle()
    for (const bytes of [100, 200, 300]) real.requests[0]?.progress(bytes)
    real.requests[0]?.respond(200)
    await settle()
    expect(told).to.deep.equal([])
    real.say('film.mp4', { status: 'completed', progress: 100 })
    expect(told).to.deep.equal(['input', 'change'])
  })
})
