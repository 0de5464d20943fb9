/** Shows markup as text, with a button that copies it together with the script that it needs. */
export function showCode(section, markup) {
  const text = `<script type="module" src="${scriptFor(markup)}"></script>\n${markup}`
  section.querySelector('code').textContent = text
  const button = section.querySelector('.copy')
  button.onclick = () => copy(button, text)
}

/** The smallest file that has these elements. */
function scriptFor(markup) {
  if (!/<(upload-queue|upload-progress|sync-status)/.test(markup)) return 'upload-panel.min.js'
  return /<upload-(panel|dropzone|queue)/.test(markup) ? 'upload-panel-all.min.js' : 'upload-panel-status.min.js'
}

async function copy(button, text) {
  try {
    await navigator.clipboard.writeText(text)
    button.textContent = 'Copied'
  } catch {
    // Not allowed here: the text can be selected.
    button.textContent = 'Select the text to copy it'
  }
  setTimeout(() => (button.textContent = 'Copy'), 2000)
}
