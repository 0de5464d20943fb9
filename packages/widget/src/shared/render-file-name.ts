import { html, nothing, type TemplateResult } from 'lit'
import { splitName } from '../text/file-name.js'

/** The full name for assistive technology and for copying, and its two pieces for the eye. */
export function renderFileName(name: string, part: string): TemplateResult {
  const { head, tail } = splitName(name)
  return html`<span class="name" part=${part} dir="auto" title=${name}>
    <bdi class="whole">${name}</bdi><span class="head" aria-hidden="true">${head}</span
    >${tail === '' ? nothing : html`<span class="tail" aria-hidden="true">${tail}</span>`}
  </span>`
}
