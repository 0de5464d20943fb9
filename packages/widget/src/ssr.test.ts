import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const manifest: { exports: Readonly<Record<string, { '@upload-panel/source'?: string }>> } = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
)
const entries = Object.values(manifest.exports).flatMap((target) => target['@upload-panel/source'] ?? [])

it.each(entries)('%s can be imported where there is no DOM, as when a server renders a page', async (entry) => {
  expect(typeof document).toBe('undefined')
  const exported: object = await import(new URL(`.${entry}`, new URL('./x', import.meta.url)).href.replace('/src/src/', '/src/'))
  expect(Object.keys(exported).length).toBeGreaterThan(0)
})

it('every entry is looked at', () => {
  expect(entries.length).toBeGreaterThan(5)
})
