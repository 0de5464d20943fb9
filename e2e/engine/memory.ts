import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Page } from '@playwright/test'

const run = promisify(execFile)

/** Memory of a browser with one page, bytes. */
export interface Memory {
  /** What the page's own objects take. */
  readonly heap: number
  /** The process of the page and its Workers. */
  readonly renderer: number
  /** All processes together. */
  readonly browser: number
}

/** How much more memory was in use at any time of an action than before it: where it grows with the file, something holds the file. */
export async function memoryOver(page: Page, action: () => Promise<void>): Promise<Memory> {
  const browser = await page.context().browser()!.newBrowserCDPSession()
  const session = await page.context().newCDPSession(page)

  async function read(): Promise<Memory> {
    const { processInfo } = await browser.send('SystemInfo.getProcessInfo')
    const { usedSize } = await session.send('Runtime.getHeapUsage')
    const { stdout } = await run('ps', ['-o', 'pid=,rss=', '-p', processInfo.map(({ id }) => id).join(',')])
    const sizes = new Map(
      stdout
        .trim()
        .split('\n')
        .map((line) => line.trim().split(/\s+/).map(Number) as [number, number]),
    )
    const sum = (type?: string) =>
      processInfo.filter((one) => type === undefined || one.type === type).reduce((total, { id }) => total + (sizes.get(id) ?? 0) * 1024, 0)
    return { heap: usedSize, renderer: sum('renderer'), browser: sum() }
  }

  await session.send('HeapProfiler.collectGarbage')
  const before = await read()
  const most = { heap: 0, renderer: 0, browser: 0 }
  let isOver = false
  const ended = action().finally(() => (isOver = true))
  while (!isOver) {
    const now = await read()
    for (const key of ['heap', 'renderer', 'browser'] as const) most[key] = Math.max(most[key], now[key] - before[key])
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  await ended
  return most
}
