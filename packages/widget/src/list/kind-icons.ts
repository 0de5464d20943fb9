import { html, type SVGTemplateResult, svg, type TemplateResult } from 'lit'
import type { FileKind } from './file-kind.js'

function icon(paths: SVGTemplateResult): TemplateResult {
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">${paths}</svg>`
}

const sheet = svg`<path d="M14 3.5H6.5v17h11V7zM14 3.5V7h3.5" />`

/** Beside the file's extension, so each may be simple. */
export const kindIcons: Readonly<Record<FileKind, TemplateResult>> = {
  image: icon(svg`<path d="M4 5h16v14H4zM4 16l4.5-4.5 4 4 2.5-2.5 5 5" /><circle cx="15.5" cy="9.5" r="1.25" />`),
  video: icon(svg`<path d="M4 5.5h16v13H4zM10 9v6l5-3z" />`),
  audio: icon(svg`<path d="M9 17.5V6l10-2v11.5" /><circle cx="6.75" cy="17.5" r="2.25" /><circle cx="16.75" cy="15.5" r="2.25" />`),
  document: icon(svg`${sheet}<path d="M9.5 11h5M9.5 14h5M9.5 17h3" />`),
  table: icon(svg`<path d="M4 5h16v14H4zM4 10h16M4 14.5h16M10 5v14" />`),
  slides: icon(svg`<path d="M3.5 5h17M5 5v10.5h14V5M12 15.5V20M9 20h6" />`),
  archive: icon(svg`<path d="M4.5 8.5h15V20h-15zM4 4h16v4.5H4zM10 12.5h4" />`),
  code: icon(svg`<path d="M8.5 7L4 12l4.5 5M15.5 7l4.5 5-4.5 5M13.5 5l-3 14" />`),
  file: icon(sheet),
}
