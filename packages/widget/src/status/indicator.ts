import { html, nothing, type TemplateResult } from 'lit'
import type { Messages } from '../messages/messages.js'
import { icons } from '../shared/icons.js'
import type { ConnectionView, Fact, HealthView, Light } from './status-view.js'

export interface IndicatorView {
  readonly connection: ConnectionView
  readonly health: HealthView
  readonly active: number
  readonly errorRate: string
}

/** A dot and a word, health, and for a floating one what goes on: the face of a compact or floating status. */
export function renderFace({ connection, health, active }: IndicatorView, messages: Messages, isFloating: boolean): TemplateResult {
  return html`<span class="visually-hidden">${messages.status.title}: </span>
    ${renderLight(connection.light)}<bdi class="word">${connection.word}</bdi>
    ${connection.figure === undefined ? nothing : html`<bdi class="figure ${connection.light === 'bad' ? 'reason' : ''}" part="figure">${connection.figure}</bdi>`}
    <span class="pulse ${health.light}" part="health">
      <svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d="M3 12.5h4l2.5-6 4.5 11 2.5-5H21" /></svg>
      <span class="visually-hidden">${messages.status.health}: </span>
      <bdi class=${health.light === 'warning' || health.light === 'bad' ? '' : 'visually-hidden'}>${health.word}</bdi>
    </span>
    ${isFloating && active > 0 ? html`<bdi class="count" part="count">${messages.status.activeCount(active)}</bdi>` : nothing}`
}

/** The full numbers behind it. */
export function renderCard(
  { connection, health, active, errorRate }: IndicatorView,
  messages: Messages,
  onRetry: () => void,
): TemplateResult {
  const { status: words, formats } = messages
  return html`${renderProblem(connection, messages, onRetry)}
    <h3 class="section-title">${words.connection}</h3>
    ${renderConnection(connection)}
    <h3 class="section-title">${words.health}</h3>
    <p class="health-line">
      ${renderLight(health.light)}<bdi>${health.word}</bdi>${renderScore(health)}
    </p>
    ${renderFacts([
      { term: words.active, value: formats.count(active) },
      { term: words.errorRate, value: errorRate },
    ])}`
}

/** No score where nothing is known to go by. */
export function renderScore({ light, scoreOf }: HealthView): TemplateResult | typeof nothing {
  return light === 'none' ? nothing : html`<bdi class="muted">${scoreOf}</bdi>`
}

/** What is wrong, and what to do about it. */
export function renderProblem(
  { light, problem }: ConnectionView,
  messages: Messages,
  onRetry: () => void,
): TemplateResult | typeof nothing {
  if (problem === undefined && light !== 'bad') return nothing
  return html`<div class="trouble ${light === 'good' ? 'warning' : light}" part="problem">
    <p><bdi>${problem ?? messages.status.stale}</bdi></p>
    <button type="button" class="text-button" part="button button-retry" @click=${onRetry}>${icons.retry}${messages.status.tryAgain}</button>
  </div>`
}

export function renderConnection({ facts, note }: ConnectionView): TemplateResult {
  return html`${renderFacts(facts)}${note === undefined ? nothing : html`<p class="meanwhile">${note}</p>`}`
}

export function renderFacts(facts: readonly Fact[]): TemplateResult {
  return html`<dl class="facts">
    ${facts.map(({ term, value }) => html`<div><dt>${term}</dt><dd><bdi>${value}</bdi></dd></div>`)}
  </dl>`
}

/** Its colour is never the only sign: a word stands beside it. */
export function renderLight(light: Light): TemplateResult {
  return html`<span class="light ${light}" part="light light-${light}" aria-hidden="true"></span>`
}
