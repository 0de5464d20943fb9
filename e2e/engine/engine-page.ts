import type { Uploader, UploaderOptions, UploadPhase } from '@upload-panel/core'
import { expect, type Page } from '@playwright/test'
import type { DemoResult } from '../support/panel-page.js'

declare global {
  interface Window {
    startEngine(options?: Partial<UploaderOptions>, name?: string, connection?: string): void
    /** There once `startEngine` was called. */
    engine: Uploader
  }
}

/** Options that can be sent into a page. */
export type PlainOptions = Pick<Partial<UploaderOptions>, 'autoStart' | 'concurrency' | 'requestSlots' | 'worker' | 'multipartFromBytes'>

/** The page of the engine server, with an uploader. */
export interface EnginePage {
  readonly page: Page
  /** How many items are in each phase; those with an error by its sentence. */
  phases(): Promise<Readonly<Record<string, number>>>
  /** What the server confirmed, by the name of the file. */
  results(): Promise<Readonly<Record<string, DemoResult>>>
  choose(paths: readonly string[]): Promise<void>
  expectAllCompleted(count: number, timeout?: number): Promise<void>
}

/** With the name of a connection it is shared by all pages that name it. */
export async function openEngine(page: Page, url: string, options: PlainOptions = {}, connection?: string): Promise<EnginePage> {
  await page.goto(url)
  await page.waitForFunction(() => 'startEngine' in window)
  await page.evaluate(([plain, name]) => window.startEngine(plain, undefined, name), [options, connection] as const)

  const phases = () => page.evaluate(countPhases)
  return {
    page,
    phases,
    results: () =>
      page.evaluate(() =>
        Object.fromEntries(
          window.engine.items().flatMap((item) => (item.phase === 'completed' ? [[item.name, item.result as DemoResult]] : [])),
        ),
      ),
    choose: (paths) => page.getByLabel('Files').setInputFiles([...paths]),
    async expectAllCompleted(count, timeout = 60_000) {
      await expect.poll(phases, { timeout, message: 'every item is confirmed' }).toEqual({ completed: count })
    },
  }
}

/** Counted in the page: thousands of items are slow to come out of it. */
function countPhases(): Record<UploadPhase | string, number> {
  const counts: Record<string, number> = {}
  for (const item of window.engine.items()) {
    const key = 'error' in item ? `${item.phase}: ${item.error.message}` : item.phase
    counts[key] = (counts[key] ?? 0) + 1
  }
  return counts
}
