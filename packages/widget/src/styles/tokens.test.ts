import { describe, expect, test } from 'vitest'
import { tokens } from './tokens.js'

type Colour = readonly [red: number, green: number, blue: number]

/** Default colours of a theme by their private names, read out of the style sheet itself. */
function palette(theme: 'dark' | 'light'): (name: string) => Colour {
  const { cssText } = tokens
  const start = cssText.indexOf(`color-scheme: ${theme}`)
  const block = cssText.slice(start, cssText.indexOf('}', start))
  return (name) => {
    const hex = new RegExp(`--_${name}: var\\(--upload-panel-${name}, #([\\da-f]{6})\\)`).exec(block)?.[1]
    if (hex === undefined) throw new Error(`The ${theme} theme has no ${name}.`)
    return [0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)) as unknown as Colour
  }
}

/** `color-mix(in srgb, colour share, ground)`. */
function mix(colour: Colour, share: number, ground: Colour): Colour {
  return colour.map((value, index) => value * share + (ground[index] ?? 0) * (1 - share)) as unknown as Colour
}

/** WCAG 2: relative luminance and contrast ratio. */
function luminance(colour: Colour): number {
  const [red = 0, green = 0, blue = 0] = colour.map((value) => {
    const part = value / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function contrast(a: Colour, b: Colour): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x)
  return (light + 0.05) / (dark + 0.05)
}

test('the measure is WCAG’s', () => {
  expect(contrast([255, 255, 255], [0, 0, 0])).toBeCloseTo(21, 5)
  expect(contrast([119, 119, 119], [255, 255, 255])).toBeCloseTo(4.48, 2)
})

describe.each(['dark', 'light'] as const)('in the %s theme', (theme) => {
  const colour = palette(theme)
  const grounds = ['background', 'surface', 'surface-hover']
  const tones = ['text-muted', 'accent', 'accent-strong', 'success', 'warning', 'danger']

  test.each(['text', 'text-muted', 'danger'].flatMap((text) => grounds.map((ground) => [text, ground] as const)))(
    '%s on %s is read by everybody (AA)',
    (text, ground) => expect(contrast(colour(text), colour(ground))).toBeGreaterThanOrEqual(4.5),
  )

  test.each(tones)('a badge in %s is read by everybody (AA)', (tone) => {
    const ground = mix(colour(tone), 0.14, colour('background'))
    expect(contrast(colour(tone), ground)).toBeGreaterThanOrEqual(4.5)
  })

  test.each(['accent', 'accent-strong'])('a button on %s is read by everybody (AA)', (ground) => {
    expect(contrast(colour('on-accent'), colour(ground))).toBeGreaterThanOrEqual(4.5)
  })

  test('text of a notice is read by everybody (AA)', () => {
    const ground = mix(colour('danger'), 0.12, colour('background'))
    for (const text of ['text', 'danger']) expect(contrast(colour(text), ground)).toBeGreaterThanOrEqual(4.5)
  })

  test.each(grounds)('focus, icons and the figure on %s are seen by everybody (non-text, AA)', (ground) => {
    for (const mark of ['accent', 'accent-strong', 'text-muted']) expect(contrast(colour(mark), colour(ground))).toBeGreaterThanOrEqual(3)
  })

  test.each(tones)('how far a bar in %s is filled is seen by everybody (non-text, AA)', (tone) => {
    expect(contrast(colour(tone), colour('track'))).toBeGreaterThanOrEqual(3)
  })

  test('the second half of a bar is told from the first (non-text, AA)', () => {
    const sent = mix(colour('accent'), 0.38, colour('track'))
    expect(contrast(colour('accent-strong'), sent)).toBeGreaterThanOrEqual(3)
  })
})

test('on paper, which is white, letters are dark whatever the theme', () => {
  const { cssText } = tokens
  const print = cssText.slice(cssText.indexOf('@media print'))
  expect(print).toMatch(/^@media print \{\s*:host \{\s*color-scheme: light/)
  expect(print).toContain('--_text: var(--upload-panel-text, #1d1430)')
})
