/** Shows markup as text, with a button that copies it together with the script that it needs. */
export function showCode(section, markup) {
  const text = `<script type="module" src="upload-panel.min.js"></script>\n${markup}`
  section.querySelector('code').textContent = text
  const button = section.querySelector('.copy')
  button.onclick = () => copy(button, text)
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
