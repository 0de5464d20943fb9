import type { UploadPanel } from '@upload-panel/widget/upload-panel'
import { expect, test } from './support/test.js'

// A trace takes a picture of every step and notes every request: with thousands of them it takes longer than they do.
test.use({ trace: 'off' })

for (const count of [1, 10_000]) {
  test(`${count.toLocaleString('en')} added ${count === 1 ? 'file has its row' : 'files have their rows'} in the DOM before the next paint`, async ({
    panel,
    page,
  }) => {
    const seen = await page.locator('upload-panel').evaluate(async (element: UploadPanel, total) => {
      element.pause()
      const files = Array.from({ length: total }, (_, index) => new File(['x'], `file ${index}.txt`))
      // A callback of the next frame runs before that frame is painted.
      const beforePaint = new Promise<{ names: string[]; count: string | null; rows: number }>((resolve) => {
        requestAnimationFrame(() => {
          const list = element.shadowRoot?.querySelector('upload-panel-list')?.shadowRoot
          const rows = [...(list?.querySelectorAll('upload-panel-row') ?? [])]
          resolve({
            names: rows.map((row) => row.shadowRoot?.querySelector('[part~=row-name]')?.getAttribute('title') ?? ''),
            count: rows[0]?.getAttribute('aria-setsize') ?? null,
            rows: rows.length,
          })
        })
      })
      element.addFiles(files)
      return beforePaint
    }, count)
    expect(seen.names[0]).toBe('file 0.txt')
    expect(seen.names).not.toContain('')
    expect(seen.count).toBe(String(count))
    // Ten thousand are as cheap as twenty.
    expect(seen.rows).toBeLessThanOrEqual(Math.min(count, 40))
    await expect(panel.row('file 0.txt')).toBeVisible()
  })
}

test('five hundred small files are all confirmed', async ({ panel }) => {
  await panel.add(Array.from({ length: 500 }, (_, index) => ({ name: `small ${index}.txt`, content: `content of ${index}` })))
  await panel.expectAllCompleted(500)
})
