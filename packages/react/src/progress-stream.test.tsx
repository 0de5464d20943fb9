// @vitest-environment happy-dom
import { act, cleanup, render } from '@testing-library/react'
import { afterEach, describe, expect, it } from 'vitest'
import { byChance, countingPage, roundRobin, RUNNING } from './testing/progress-stream.js'
import { createTestUploader } from './testing/test-uploader.js'

afterEach(cleanup)

describe('ten thousand words of progress on a page with a thousand uploads', () => {
  it.each([
    ['one file after the other', roundRobin()],
    ['by chance, some more than once before a paint', byChance(7)],
  ])('render what has changed, and nothing else: %s', async (_, stream) => {
    const { page, play, running, ids } = await countingPage(createTestUploader())
    const view = render(page)
    expect([ids.length, running.length]).toEqual([1000, RUNNING])
    const { rendered, expected, shown } = await play(stream, (change) => act(change))
    expect(rendered).toEqual(expected)
    const rows = Array.from(view.container.querySelectorAll('li'), ({ textContent }) => textContent)
    expect(rows.slice(0, RUNNING)).toEqual(shown)
  })
})
