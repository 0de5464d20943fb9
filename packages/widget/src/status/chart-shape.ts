/** The size of a chart's drawing, in its own units, and how many values its width is for. */
export interface ChartSize {
  readonly width: number
  readonly height: number
  readonly capacity: number
}

/** A chart as the `d` of two paths. */
export interface ChartShape {
  readonly line: string
  readonly area: string
  /** The value at the top edge: a round number, so that the scale rests while values wander. */
  readonly top: number
}

/**
 * Draws values from the oldest to the newest, which lies at the right edge. What is not known is a gap, never a zero; one known value between two
 * gaps is a line without length, which round caps make a dot.
 */
export function shapeChart(values: readonly (number | null)[], { width, height, capacity }: ChartSize): ChartShape {
  const shown = values.slice(-capacity)
  const top = roundUp(Math.max(0, ...shown.map((value) => value ?? 0)))
  const step = width / Math.max(1, capacity - 1)
  const x = (index: number) => round(width - (shown.length - 1 - index) * step)
  const y = (value: number) => round(height - (Math.max(0, value) / top) * height)
  const line: string[] = []
  const area: string[] = []

  for (let index = 0; index < shown.length; index += 1) {
    const start = index
    const points: string[] = []
    for (let value = shown[index]; value !== null && value !== undefined; value = shown[index]) {
      points.push(`${x(index)} ${y(value)}`)
      index += 1
    }
    if (points.length === 0) continue
    line.push(`M${points.join('L')}${points.length === 1 ? 'h0' : ''}`)
    if (points.length > 1) area.push(`M${x(start)} ${height}L${points.join('L')}L${x(index - 1)} ${height}Z`)
  }
  return { line: line.join(''), area: area.join(''), top }
}

/** What a sentence says about values, and with it all that a chart shows. */
export interface Range {
  readonly least: number
  readonly median: number
  readonly most: number
}

/** `undefined` where nothing is known. */
export function rangeOf(values: readonly (number | null)[]): Range | undefined {
  const sorted = values.filter((value) => value !== null).sort((a, b) => a - b)
  const [least] = sorted
  const median = sorted[Math.ceil(sorted.length / 2) - 1]
  const most = sorted.at(-1)
  return least === undefined || median === undefined || most === undefined ? undefined : { least, median, most }
}

/** The next of 1, 2, 5, 10, 20, 50, … */
function roundUp(value: number): number {
  // Nothing that is measured is so small but nothing.
  if (value < 1e-9) return 1
  const power = 10 ** Math.floor(Math.log10(value))
  const factor = [1, 2, 5].find((candidate) => value <= candidate * power * (1 + Number.EPSILON)) ?? 10
  return factor * power
}

const round = (value: number) => Math.round(value * 10) / 10
