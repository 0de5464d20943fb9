import { showCode } from '/code.js'
import { connectSettings } from '/settings.js'

const JOB_KEY = 'upload-panel-demo-job'

const NOTES = {
  normal: 'Files are hashed, pictures get a thumbnail.',
  slow: 'Processing takes ten seconds longer.',
  failing: 'Processing fails, and says that trying again may help.',
  refusing: 'Every file is refused, with a reason.',
}

await showPanel()
await showBehaviour()

/** The job is known before the element starts, so that a reload brings back what the server knows of it. */
async function showPanel() {
  const panel = document.querySelector('upload-panel')
  const code = document.querySelector('.code')
  const settings = connectSettings(document.querySelector('.settings'), panel, () => showCode(code, settings.markup()))
  panel.setAttribute('job-id', jobId())
  panel.setAttribute('endpoint', '/uploads')
  showCode(code, settings.markup())
  await import('/upload-panel.min.js')
  document.querySelector('.new-list').addEventListener('click', () => {
    sessionStorage.removeItem(JOB_KEY)
    location.reload()
  })
}

function jobId() {
  const known = sessionStorage.getItem(JOB_KEY)
  if (known !== null) return known
  const id = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
  sessionStorage.setItem(JOB_KEY, id)
  return id
}

/** The control shows what the server says, never what was merely clicked. */
async function showBehaviour() {
  const form = document.querySelector('.behaviour')
  const note = form.querySelector('.behaviour-note')
  const fieldset = form.querySelector('fieldset')

  async function ask(init) {
    try {
      const response = await fetch('/demo/behaviour', init)
      if (!response.ok) throw new Error(`The server answered ${response.status}.`)
      const { behaviour } = await response.json()
      form.elements.namedItem('behaviour').value = behaviour
      note.textContent = NOTES[behaviour] ?? ''
    } catch {
      note.textContent = 'The server cannot be asked right now. Choose again in a moment.'
    } finally {
      fieldset.disabled = false
    }
  }

  form.addEventListener('change', (event) => {
    void ask({ method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ behaviour: event.target.value }) })
  })
  await ask()
}
