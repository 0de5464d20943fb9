import { html, svg, type TemplateResult } from 'lit'
import type { Messages } from '../messages/messages.js'
import { rangeOf, shapeChart } from './chart-shape.js'
import { SAMPLES } from './sampler.js'

export interface ChartOptions {
  readonly label: string
  /** From the oldest to the newest; `null` is what was not known. */
  readonly values: readonly (number | null)[]
  readonly format: (value: number) => string
  readonly messages: Messages
  /** Beside the value of now. */
  readonly note?: TemplateResult | undefined
}

const WIDTH = 240
const HEIGHT = 56

/** A measured value over the last two minutes: what it is now, its line, and in a sentence what the line shows. */
export function renderChart({ label, values, format, messages, note }: ChartOptions): TemplateResult {
  const { status: words } = messages
  const { line, area, top } = shapeChart(values, { width: WIDTH, height: HEIGHT, capacity: SAMPLES })
  const range = rangeOf(values)
  const now = values.at(-1) ?? null
  const [least, median, most] = range ? [range.least, range.median, range.most].map(format) : []
  const sentence =
    !least || !median || !most ? words.noSamples : least === most ? `${most} · ${words.steady}` : words.range(least, median, most)
  return html`<figure class="chart tile" part="chart">
    <figcaption class="tile-title">${label}</figcaption>
    <p class="now"><bdi class="big">${now === null ? '–' : format(now)}</bdi>${note ?? ''}</p>
    <div class="plot">
      <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true">
        <path class="grid" d="M0 0H${WIDTH}M0 ${HEIGHT / 2}H${WIDTH}M0 ${HEIGHT}H${WIDTH}" />
        ${svg`<path class="area" part="chart-area" d=${area} /><path class="curve" part="chart-line" d=${line} />`}
      </svg>
      <bdi class="top" aria-hidden="true">${range === undefined ? '' : format(top)}</bdi>
    </div>
    <p class="range"><bdi>${sentence}</bdi></p>
  </figure>`
}
