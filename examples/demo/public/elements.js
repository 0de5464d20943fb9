import { showCode } from '/code.js'

for (const section of document.querySelectorAll('.element')) addCode(section)
await import('/upload-panel-all.min.js')

const form = document.querySelector('.application')
form.addEventListener('submit', (event) => {
  event.preventDefault()
  form.querySelector('.sent').textContent = `Sent: ${new URLSearchParams(new FormData(form))}`
})
form.addEventListener('reset', () => (form.querySelector('.sent').textContent = ''))

document.querySelector('.new-job').addEventListener('click', () => void startJob())

async function startJob() {
  const note = document.querySelector('.job-note')
  try {
    const response = await fetch('/demo/jobs', { method: 'POST' })
    const { operation_id: id, detail } = await response.json()
    note.textContent = detail ?? ''
    if (response.ok) showJob(id)
  } catch {
    note.textContent = 'The server cannot be asked right now. Try again in a moment.'
  }
}

function showJob(id) {
  const progress = document.createElement('upload-progress')
  progress.setAttribute('endpoint', '/uploads')
  progress.setAttribute('upload-id', id)
  progress.setAttribute('theme', 'auto')
  document.querySelector('.jobs').prepend(progress)
  showCode(document.querySelector('[aria-labelledby="progress-title"]'), progress.outerHTML)
}

/** Each section shows its own markup. */
function addCode(section) {
  const details = document.createElement('details')
  details.className = 'code'
  const summary = document.createElement('summary')
  summary.textContent = 'Code'
  const pre = document.createElement('pre')
  pre.tabIndex = 0
  pre.append(document.createElement('code'))
  const copy = document.createElement('button')
  copy.type = 'button'
  copy.className = 'copy'
  copy.textContent = 'Copy'
  details.append(summary, pre, copy)
  section.append(details)
  const shown = section.querySelector('.shown').innerHTML.trim()
  showCode(section, (shown || '<upload-progress endpoint="/uploads" upload-id="…"></upload-progress>').replaceAll('=""', ''))
}
