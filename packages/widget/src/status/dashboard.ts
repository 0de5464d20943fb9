import { isTerminal, type SyncStatusUpdate } from '@upload-panel/core/protocol'
import type { PerformanceMetrics, SubscriptionMetrics } from '@upload-panel/core/status'
import { html, nothing, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import type { Messages } from '../messages/messages.js'
import { movedTo } from '../shared/moving-bar.js'
import { renderChart } from './chart.js'
import { type IndicatorView, renderConnection, renderFacts, renderLight, renderProblem, renderScore } from './indicator.js'
import { renderEnded, renderOperation } from './operation-row.js'
import { viewOperation } from './operation-view.js'
import type { Sample } from './sampler.js'
import { type HealthView, viewMetrics, viewSubscription, viewTrend } from './status-view.js'

export interface DashboardOptions extends IndicatorView {
  readonly operations: readonly SyncStatusUpdate[]
  readonly metrics: PerformanceMetrics
  readonly subscriptions: readonly SubscriptionMetrics[]
  readonly samples: readonly Sample[]
  readonly messages: Messages
  /** Whether the measured values are shown as a table. */
  readonly isTableOpen: boolean
  readonly onTable: (isOpen: boolean) => void
  readonly onRetry: () => void
}

/** Most rows of each list: who has more on their hands reads counts, not rows. */
const MOST_ROWS = 30
/** A row of the table of values stands for so many samples. */
const SAMPLES_A_ROW = 10

export function renderDashboard(options: DashboardOptions): TemplateResult {
  const { connection, health, messages, onRetry, metrics } = options
  const { status: words } = messages
  return html`<section class="panel dashboard" part="dashboard" lang=${messages.locale} aria-label=${words.title} tabindex="-1">
    <div class="header" part="header">
      <h2 class="title" part="title">${words.title}</h2>
      <p class="state" part="connection">${renderLight(connection.light)}<bdi>${connection.word}</bdi>${
        connection.figure === undefined || connection.light === 'bad'
          ? nothing
          : html`<bdi class="figure" part="figure">${connection.figure}</bdi>`
      }</p>
    </div>
    ${renderProblem(connection, messages, onRetry)}
    <div class="tiles">
      <section class="tile" part="tile">
        <h3 class="tile-title">${words.connection}</h3>
        ${renderConnection(connection)}
      </section>
      ${renderHealth(health, messages)}
      <section class="tile" part="tile">
        <h3 class="tile-title">${words.total}</h3>
        ${renderFacts(viewMetrics(metrics, messages))}
      </section>
    </div>
    <div class="tiles charts">${renderCharts(options)}</div>
    ${renderValues(options)} ${renderOperations(options)} ${renderSubscriptions(options)}
  </section>`
}

function renderHealth(health: HealthView, { status: words }: Messages): TemplateResult {
  return html`<section class="tile" part="tile health">
    <h3 class="tile-title">${words.health}</h3>
    <p class="health-line">${renderLight(health.light)}<bdi class="big">${health.word}</bdi>${renderScore(health)}</p>
    <ul class="health-parts">
      ${health.parts.map(
        ({ label, weight, value, fraction }) => html`<li>
          <span class="health-part"><span>${label} <bdi class="muted">${weight}</bdi></span><bdi class="figure">${value}</bdi></span>
          <span class="gauge" aria-hidden="true"><span class="gauge-fill" ${movedTo(fraction ?? 0)}></span></span>
        </li>`,
      )}
    </ul>
  </section>`
}

function renderCharts({ samples, metrics, messages }: DashboardOptions): readonly TemplateResult[] {
  const trend = viewTrend(metrics.trend, messages)
  return charts(messages).map(({ label, read, format }) =>
    renderChart({
      label,
      format,
      messages,
      values: samples.map(read),
      note: read === errorRateOf && trend ? html`<bdi class="trend ${trend.light}" part="trend">${trend.word}</bdi>` : undefined,
    }),
  )
}

const errorRateOf = (sample: Sample) => sample.errorRate

function charts({ status: words, formats }: Messages) {
  return [
    { label: words.latency, read: (sample: Sample) => sample.latencyMs, format: formats.milliseconds },
    { label: words.messages, read: (sample: Sample) => sample.messagesPerSecond, format: formats.decimal },
    { label: words.data, read: (sample: Sample) => sample.bytesPerSecond, format: formats.bytes },
    { label: words.errorRate, read: errorRateOf, format: formats.share },
  ]
}

/** What the charts show, for who does not see them. Its rows are made only while it is open. */
function renderValues({ samples, messages, isTableOpen, onTable }: DashboardOptions): TemplateResult {
  const { status: words, formats } = messages
  const columns = charts(messages)
  const rows = isTableOpen ? samples.filter((_, index) => (samples.length - 1 - index) % SAMPLES_A_ROW === 0).reverse() : []
  return html`<details class="values" part="values" @toggle=${(event: Event) => onTable((event.target as HTMLDetailsElement).open)}>
    <summary>${words.values}</summary>
    <div class="scroll" role="region" tabindex="0" aria-label=${words.values}>
      <table>
        <thead>
          <tr><th scope="col">${words.time}</th>${columns.map(({ label }) => html`<th scope="col">${label}</th>`)}</tr>
        </thead>
        <tbody>
          ${rows.map(
            (sample) => html`<tr>
              <th scope="row"><bdi>${formats.clock(new Date(sample.at))}</bdi></th>
              ${columns.map(({ read, format }) => {
                const value = read(sample)
                return html`<td><bdi>${value === null ? '–' : format(value)}</bdi></td>`
              })}
            </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </details>`
}

function renderOperations({ operations, metrics, messages }: DashboardOptions): TemplateResult {
  const { status: words } = messages
  const { activeOperations: active } = metrics
  // Those that go on stand first.
  const ended = operations.slice(active, active + MOST_ROWS).filter(({ status }) => isTerminal(status))
  return html`<div class="lists">
    ${renderList({
      title: words.active,
      empty: words.noneActive,
      shown: operations.slice(0, Math.min(active, MOST_ROWS)),
      total: active,
      messages,
      row: (update) => renderOperation(viewOperation(update, messages), messages),
    })}
    ${renderList({
      title: words.history,
      empty: words.noneEnded,
      shown: ended,
      total: Math.max(0, operations.length - active),
      messages,
      row: (update) => renderEnded(viewOperation(update, messages), update.timestamp, messages),
    })}
  </div>`
}

interface ListOptions {
  readonly title: string
  readonly empty: string
  readonly shown: readonly SyncStatusUpdate[]
  readonly total: number
  readonly messages: Messages
  readonly row: (update: SyncStatusUpdate) => TemplateResult
}

function renderList({ title, empty, shown, total, messages, row }: ListOptions): TemplateResult {
  return html`<section class="list" part="list">
    <h3 class="list-title">${title} <bdi class="muted">${messages.formats.count(total)}</bdi></h3>
    ${
      shown.length === 0
        ? html`<p class="nothing">${empty}</p>`
        : html`<div class="scroll rows" role="region" tabindex="0" aria-label=${title}>
            <ul>
              ${repeat(
                shown,
                ({ operation_id: id }) => id,
                (update) => html`<li>${row(update)}</li>`,
              )}
            </ul>
            ${total > shown.length ? html`<p class="nothing">${messages.andMore(total - shown.length)}</p>` : nothing}
          </div>`
    }
  </section>`
}

function renderSubscriptions({ subscriptions, messages }: DashboardOptions): TemplateResult | typeof nothing {
  const { status: words } = messages
  const { column } = words
  if (subscriptions.length === 0) return nothing
  const figures = [column.messages, words.perMinute, column.bytes, words.latency, column.slowest, column.errors]
  return html`<section class="list" part="subscriptions">
    <h3 class="list-title">${words.subscriptions} <bdi class="muted">${messages.formats.count(subscriptions.length)}</bdi></h3>
    <div class="scroll" role="region" tabindex="0" aria-label=${words.subscriptions}>
      <table>
        <thead>
          <tr>
            <th scope="col">${column.topic}</th>
            <th scope="col">${column.state}</th>
            ${figures.map((label) => html`<th scope="col" class="number">${label}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${subscriptions.slice(0, MOST_ROWS).map((subscription) => {
            const view = viewSubscription(subscription, messages)
            return html`<tr>
              <th scope="row"><bdi>${view.topic}</bdi></th>
              <td><span class="state">${renderLight(view.light)}<bdi>${view.state}</bdi></span></td>
              ${view.figures.map((figure) => html`<td class="number"><bdi>${figure}</bdi></td>`)}
            </tr>`
          })}
        </tbody>
      </table>
      ${subscriptions.length > MOST_ROWS ? html`<p class="nothing">${messages.andMore(subscriptions.length - MOST_ROWS)}</p>` : nothing}
    </div>
  </section>`
}
