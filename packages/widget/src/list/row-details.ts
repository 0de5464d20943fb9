import { html, nothing, type TemplateResult } from 'lit'
import { keyed } from 'lit/directives/keyed.js'
import type { UploadItem } from '@upload-panel/core'
import type { Messages } from '../messages/messages.js'
import { icons } from '../shared/icons.js'
import { type Fact, resultUrl, viewFacts } from './item-facts.js'

/** What became of the last press on a button that copies. */
export interface Copying {
  /** Counts the presses, so that the same words are said a second time. */
  readonly count: number
  readonly fact: Fact['name'] | undefined
  readonly worked: boolean
}

export const NOTHING_COPIED: Copying = { count: 0, fact: undefined, worked: false }

export interface RowDetailsOptions {
  readonly item: UploadItem
  readonly messages: Messages
  /** Of the document, for relative addresses. */
  readonly base: string
  readonly isTabStop: boolean
  readonly copying: Copying
  /** `element` holds the text. */
  readonly onCopy: (fact: Fact, element: HTMLElement) => void
}

/** What unfolds below a row. */
export function renderRowDetails({ item, messages, base, isTabStop, copying, onCopy }: RowDetailsOptions): TemplateResult {
  const { row } = messages
  const url = resultUrl(item, base)
  const tabIndex = isTabStop ? 0 : -1
  const renderFact = (fact: Fact) => {
    const { name, label, value, isCode } = fact
    if (!isCode) return html`<dt>${label}</dt><dd><bdi>${value}</bdi></dd>`
    const isCopied = copying.fact === name && copying.worked
    const press = (event: Event) => {
      const text = (event.currentTarget as HTMLElement).previousElementSibling
      if (text instanceof HTMLElement) onCopy(fact, text)
    }
    return html`<dt>${label}</dt
      ><dd class="code"
        ><code dir="ltr">${value}</code
        ><button
          type="button"
          class="copy-button"
          part="row-button row-button-copy"
          data-action="copy"
          tabindex=${tabIndex}
          title=${row.copy(label)}
          aria-label=${row.copy(label)}
          @click=${press}
        >
          ${isCopied ? icons.check : icons.copy}
        </button></dd
      >`
  }
  return html`<div class="facts" id="facts" part="row-facts">
    <dl>${viewFacts(item, messages).map(renderFact)}</dl>
    ${
      url === undefined
        ? nothing
        : html`<a class="result" part="row-result" href=${url} target="_blank" rel="noopener noreferrer" tabindex=${tabIndex}>${row.openResult}</a>`
    }
    <p class=${copying.fact !== undefined && !copying.worked ? 'not-copied' : 'visually-hidden'} role="status">
      ${copying.fact === undefined ? nothing : keyed(copying.count, html`<span>${copying.worked ? row.copied : row.notCopied}</span>`)}
    </p>
  </div>`
}
