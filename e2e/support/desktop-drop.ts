import type { Locator, Page } from '@playwright/test'

/** Drags files and folders of the disk onto an element, as the operating system does. */
export async function dropFromDesktop(page: Page, target: Locator, paths: readonly string[]): Promise<void> {
  const box = await target.boundingBox()
  if (box === null) throw new Error('The element to drop on is not visible.')
  const session = await page.context().newCDPSession(page)
  const place = { x: box.x + box.width / 2, y: box.y + box.height / 2 }
  // 1: copying is allowed.
  const data = { items: [], files: [...paths], dragOperationsMask: 1 }
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) await session.send('Input.dispatchDragEvent', { type, ...place, data })
  await session.detach()
}
