import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type * as Axe from 'axe-core'
import { expect, test } from './support/test.js'

const axeSource = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

for (const colorScheme of ['dark', 'light'] as const) {
  test(`the page with files in every state has no accessibility fault that a tool can find, ${colorScheme}`, async ({ panel, page }) => {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await panel.add([{ name: 'confirmed.txt', content: 'confirmed' }])
    await panel.expectBadge('confirmed.txt', 'Completed')
    await panel.setBehaviour('refusing')
    await panel.add([{ name: 'refused.txt', content: 'refused' }])
    await panel.expectBadge('refused.txt', 'Failed')
    await panel.setBehaviour('slow')
    await panel.add([{ name: 'under way.txt', content: 'under way' }])
    await panel.expectBadge('under way.txt', 'Processing')

    // Not by a script tag, which the page's own policy refuses.
    await page.evaluate(axeSource)
    const violations = await page.evaluate(async () => {
      const { axe } = globalThis as unknown as { axe: typeof Axe }
      const results = await axe.run()
      return results.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`)
    })
    expect(violations).toEqual([])
  })
}
