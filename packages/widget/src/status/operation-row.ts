import { html, nothing, type TemplateResult } from 'lit'
import type { BarView, ItemView } from '../list/item-view.js'
import type { Messages } from '../messages/messages.js'
import { clockOf } from './status-view.js'
import { movedTo } from '../shared/moving-bar.js'
import { renderFileName } from '../shared/render-file-name.js'
import { directionOf } from '../text/direction.js'

/** What a row shows of an operation, or of an upload of this page. */
export interface ProgressView extends Pick<ItemView, 'name' | 'tone' | 'badge' | 'details' | 'percent' | 'bar' | 'problem'> {
  readonly type?: string | undefined
  readonly hint?: string | undefined
  readonly isEnded: boolean
}

/** An operation as a row: name, badge, what the server says, and a bar that is a progressbar as long as it goes on. */
export function renderOperation(
  view: ProgressView,
  messages: Messages,
  actions: TemplateResult | typeof nothing = nothing,
): TemplateResult {
  const { name, type, tone, badge, details, percent, problem, hint } = view
  return html`<div class="row ${tone}" part="operation operation-${tone}">
    <div class="body">
      <div class="line">
        ${renderFileName(name, 'operation-name')}
        ${type === undefined ? nothing : html`<bdi class="type" part="operation-type">${type}</bdi>`}
        ${percent === undefined ? nothing : html`<span class="percent" part="operation-percent" aria-hidden="true">${percent}</span>`}
      </div>
      <div class="line status">
        <span class="badge" part="operation-badge"><bdi>${badge}</bdi></span>
        <bdi class="details" part="operation-details" dir=${directionOf(messages.locale)} title=${details.join(' · ')}>${details.join(' · ')}</bdi>
      </div>
      ${renderBar(view, messages)}
      ${problem ? html`<p class="problem" part="operation-problem"><bdi>${problem}</bdi>${hint ? html` <bdi class="hint">${hint}</bdi>` : nothing}</p>` : nothing}
    </div>
    ${actions}
  </div>`
}

/** One that has ended, in a history: when it did, and no bar that stands still. */
export function renderEnded(view: ProgressView, timestamp: string, messages: Messages): TemplateResult {
  const { name, type, tone, badge, details, problem } = view
  const text = [...details, problem].filter(Boolean).join(' · ')
  return html`<div class="row ended ${tone}" part="operation operation-${tone}">
    <div class="body">
      <div class="line">
        ${renderFileName(name, 'operation-name')}
        ${type === undefined ? nothing : html`<bdi class="type" part="operation-type">${type}</bdi>`}
        <time class="percent" part="operation-time" datetime=${timestamp}><bdi>${clockOf(timestamp, messages)}</bdi></time>
      </div>
      <div class="line status">
        <span class="badge" part="operation-badge"><bdi>${badge}</bdi></span>
        <bdi class="details" part="operation-details" dir=${directionOf(messages.locale)} title=${text}>${text}</bdi>
      </div>
    </div>
  </div>`
}

function renderBar({ name, badge, percent, bar, isEnded }: ProgressView, messages: Messages): TemplateResult {
  if (!bar) return html`<div class="bar empty" part="operation-bar"></div>`
  const sent = bar.phase === 'transfer' ? (bar.fraction ?? 0) : 1
  const processed = bar.phase === 'transfer' && bar.fraction !== undefined ? 0 : bar.fraction
  const fill = html`<div class="ground" part="operation-fill" ${movedTo(sent)}></div
    ><div class="fill" part="operation-fill" ${movedTo(processed)}></div>`
  // What has ended is told by its badge: a bar that stands still is decoration.
  if (isEnded) return html`<div class=${barClass(bar)} part="operation-bar">${fill}</div>`
  return html`<div
    class=${barClass(bar)}
    part="operation-bar"
    role="progressbar"
    aria-label=${messages.progressOf(name)}
    aria-valuemin="0"
    aria-valuemax="100"
    aria-valuenow=${bar.fraction === undefined ? nothing : Math.floor(bar.fraction * 100)}
    aria-valuetext=${[badge, percent].filter(Boolean).join(', ')}
  >
    ${fill}
  </div>`
}

function barClass({ phase, fraction }: BarView): string {
  return `bar ${phase}${fraction === undefined ? ' unknown' : ''}`
}
