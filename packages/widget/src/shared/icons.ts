import { type SVGTemplateResult, svg, html, type TemplateResult } from 'lit'

/** Drawn on 24 units with round strokes in the current colour; hidden from assistive technology, since a label stands beside each. */
function icon(paths: SVGTemplateResult): TemplateResult {
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">${paths}</svg>`
}

export const icons = {
  cancel: icon(svg`<path d="M6 6l12 12M18 6L6 18" />`),
  pause: icon(svg`<path d="M9 6v12M15 6v12" />`),
  resume: icon(svg`<path d="M8 5.5v13l10.5-6.5z" />`),
  retry: icon(svg`<path d="M19.5 12a7.5 7.5 0 1 1-2.2-5.3M19.5 3.5v4.2h-4.2" />`),
  remove: icon(svg`<path d="M5 7h14M10 7V5h4v2M7 7l1 12h8l1-12M10.5 10.5v5M13.5 10.5v5" />`),
  'choose-again': icon(svg`<path d="M14 4H7v16h10V7zM14 4v3h3M12 11v5M9.5 13.5h5" />`),
  collapse: icon(svg`<path d="M6 9.5l6 6 6-6" />`),
  upload: icon(svg`<path d="M12 15.5V5M7.5 9L12 4.5 16.5 9M5 15.5V19h14v-3.5" />`),
  problem: icon(svg`<path d="M12 6.5v7M12 17.5h.01" />`),
  folder: icon(svg`<path d="M4 18.5v-12h5.5l2 2.5H20v9.5z" />`),
  camera: icon(svg`<path d="M4 8h4l1.5-2.5h5L16 8h4v10.5H4zM12 10a3 3 0 1 0 0 6 3 3 0 0 0 0-6z" />`),
  check: icon(svg`<path d="M5.5 12.5l4.2 4.2L18.5 8" />`),
  copy: icon(svg`<path d="M9 9h10v10H9zM15 9V5H5v10h4" />`),
  file: icon(svg`<path d="M14 4H7v16h10V7zM14 4v3h3" />`),
  handle: icon(svg`<path d="M9 6h.01M15 6h.01M9 12h.01M15 12h.01M9 18h.01M15 18h.01" stroke-width="2.5" />`),
  more: icon(svg`<path d="M6 12h.01M12 12h.01M18 12h.01" stroke-width="2.5" />`),
}
