import type { Page } from '@playwright/test'
import { writeTestFile } from './support/files.js'
import { expect, test } from './support/test.js'

/** What has focus, looked for through every shadow root: its name, or what it is. */
function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    let element = document.activeElement
    while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement
    const text = element?.getAttribute('aria-label') ?? element?.textContent ?? ''
    return text.replace(/\s+/g, ' ').trim() || (element?.localName ?? '')
  })
}

/** Presses Tab, or Shift+Tab, until something has focus. */
async function tabTo(page: Page, name: string | RegExp, key = 'Tab'): Promise<void> {
  const seen: string[] = []
  for (let press = 0; press < 60; press += 1) {
    const now = await focused(page)
    if (typeof name === 'string' ? now === name : name.test(now)) return
    seen.push(now)
    await page.keyboard.press(key)
  }
  throw new Error(`${key} never comes to ${name}, only to ${[...new Set(seen)].join(', ')}`)
}

test('a batch is added, paused, resumed, failed, retried, cancelled, looked at and cleared with the keyboard alone', async ({
  panel,
  page,
  network,
  directory,
}) => {
  const files = [await writeTestFile(directory, 'first.bin', 1000, 1), await writeTestFile(directory, 'second.bin', 2000, 2)]
  /** Focus is on a button of a row, and stays in the list while rows change. */
  const press = async (action: string, key = 'Enter') => {
    await tabTo(page, new RegExp(`^${action}`))
    await page.keyboard.press(key)
  }

  // The server is told to fail: the radio that is checked, then two to the right.
  await tabTo(page, /./)
  await page.getByRole('radio', { name: 'normal' }).focus()
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('ArrowRight')
  await expect(page.getByText('Processing fails, and says that trying again may help.')).toBeVisible()

  await tabTo(page, 'Choose files', 'Shift+Tab')
  const chooser = page.waitForEvent('filechooser')
  await page.keyboard.press('Enter')
  await (await chooser).setFiles(files.map(({ path }) => path))
  await panel.expectBadge('first.bin', 'Failed')
  await panel.expectBadge('second.bin', 'Failed')

  // Tabs: arrows choose at once.
  await tabTo(page, /^All/)
  for (const tab of ['Active', 'Completed', 'Failed']) {
    await page.keyboard.press('ArrowRight')
    await expect(page.getByRole('tab', { name: new RegExp(`^${tab}`) })).toHaveAttribute('aria-selected', 'true')
  }
  await expect(panel.row('second.bin')).toBeVisible()
  await page.keyboard.press('Home')
  await expect(page.getByRole('tab', { name: /^All/ })).toHaveAttribute('aria-selected', 'true')

  // Down to the second row, and its details open and close.
  await tabTo(page, /first\.bin$/)
  await page.keyboard.press('ArrowDown')
  await expect.poll(() => focused(page)).toMatch(/second\.bin$/)
  await press('Details')
  await expect(panel.row('second.bin').getByText('demo_failing')).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(panel.row('second.bin').getByText('demo_failing')).toBeHidden()

  await panel.setBehaviour('normal')
  await tabTo(page, /second\.bin$/)
  await press('Retry: second')
  await panel.expectBadge('second.bin', 'Completed')
  await expect.poll(() => focused(page), 'focus stays on the row').toMatch(/second\.bin$/)

  // What has ended leaves the list; focus goes to the row that is left.
  await page.keyboard.press('Delete')
  await expect(panel.row('second.bin')).toBeHidden()
  await expect.poll(() => focused(page)).toMatch(/first\.bin$/)
  await press('Remove: first')
  await expect.poll(() => panel.items()).toEqual([])
  expect(await focused(page), 'focus is still in the panel').not.toBe('body')

  // One file is paused while its bytes go, goes on, and is cancelled while the server works on it; the other one ends as it should.
  await panel.setBehaviour('slow')
  const release = network.hold(({ method }) => method === 'PUT')
  await tabTo(page, 'Choose files')
  const again = page.waitForEvent('filechooser')
  await page.keyboard.press('Enter')
  await (await again).setFiles(files.map(({ path }) => path))
  await panel.expectBadge('first.bin', 'Uploading')
  await tabTo(page, /first\.bin$/)
  await press('Pause: first')
  await panel.expectBadge('first.bin', 'Paused')
  await expect.poll(() => focused(page), 'pause and resume are one button').toBe('Resume: first.bin')
  await page.keyboard.press('Enter')
  release()
  await panel.expectBadge('first.bin', 'Processing')
  await press('Cancel: first')
  await panel.expectBadge('first.bin', 'Cancelled')
  await panel.setBehaviour('normal')
  await panel.expectBadge('second.bin', 'Completed')

  // Collapsed and back: focus goes along.
  await tabTo(page, 'Collapse', 'Shift+Tab')
  await page.keyboard.press('Enter')
  await expect.poll(() => focused(page)).toMatch(/^Show uploads/)
  await page.keyboard.press('Enter')
  await expect.poll(() => focused(page)).toBe('Collapse')
})
