import type { UploadPhase } from '@upload-panel/core'
import type { UploadPanel } from '@upload-panel/widget/upload-panel'
import { expect, type Locator, type Page } from '@playwright/test'

export type Behaviour = 'normal' | 'slow' | 'failing' | 'refusing'

/** A file that the page makes itself: for names that no disk takes. */
export interface InPageFile {
  readonly name: string
  /** Plain text. */
  readonly content: string
  readonly type?: string
}

/** What the demo's server confirms a file with. */
export interface DemoResult {
  readonly sha256: string
  readonly size: number
  readonly url: string
  readonly thumbnailUrl?: string
}

/** An item of the engine, as it comes out of the page: its error is a plain object there. */
export interface SeenItem {
  readonly id: string
  readonly name: string
  readonly phase: UploadPhase
  readonly attempt: number
  readonly operationId?: string
  readonly by?: 'self' | 'server'
  readonly error?: { readonly code: string; readonly message: string; readonly retryable: boolean; readonly remoteCode?: string }
  readonly result?: DemoResult
}

/** What a person does on the demo's page, and sees. */
export interface PanelPage {
  readonly page: Page
  open(url: string): Promise<void>
  /** Chooses files of the disk in the panel's own file dialog. */
  choose(paths: readonly string[]): Promise<void>
  /** Hands over files that the page made. */
  add(files: readonly InPageFile[]): Promise<void>
  setBehaviour(behaviour: Behaviour): Promise<void>
  /** The row of a file, by its name. */
  row(name: string): Locator
  /** Waits until the row of a file shows a status, in the panel's words. */
  expectBadge(name: string, badge: string): Promise<void>
  press(action: 'Retry' | 'Cancel' | 'Pause' | 'Resume' | 'Choose the file again', name: string): Promise<void>
  /** The items as the engine has them now. */
  items(): Promise<readonly SeenItem[]>
  /** Messages of the realtime stream that the engine has dropped. */
  droppedMessages(): Promise<number>
  /** Waits until every item is completed: confirmed by the server. */
  expectAllCompleted(count: number): Promise<void>
}

export function createPanelPage(page: Page): PanelPage {
  const element = page.locator('upload-panel')
  const row = (name: string) => page.getByRole('listitem').filter({ has: page.getByText(name, { exact: true }) })

  const items = () =>
    element.evaluate((panel: UploadPanel) =>
      (panel.uploader?.items() ?? []).map((item) => {
        if (!('error' in item)) return item as SeenItem
        const { code, message, retryable, remoteCode } = item.error
        return { ...item, error: { code, message, retryable, ...(remoteCode !== undefined && { remoteCode }) } }
      }),
    )

  /** How many items are in each phase; those with an error by its sentence. Counted in the page: hundreds of items are slow to come out of it. */
  const phases = () =>
    element.evaluate((panel: UploadPanel) => {
      const counts: Record<string, number> = {}
      for (const item of panel.uploader?.items() ?? []) {
        const key = 'error' in item ? `${item.phase}: ${item.error.message}` : item.phase
        counts[key] = (counts[key] ?? 0) + 1
      }
      return counts
    })

  return {
    page,
    async open(url) {
      await page.goto(url)
      await expect(page.getByRole('radio', { name: 'normal' })).toBeEnabled()
    },
    choose: (paths) =>
      element
        .locator('input[type=file]')
        .first()
        .setInputFiles([...paths]),
    add: (files) =>
      element.evaluate((panel: UploadPanel, made) => {
        panel.addFiles(made.map(({ content, name, type }) => new File([content], name, { type: type ?? '' })))
      }, files),
    async setBehaviour(behaviour) {
      await page.getByRole('radio', { name: behaviour }).check()
      // The control shows what was clicked at once, and what the server says a moment later.
      await expect
        .poll(() => page.evaluate(async () => ((await (await fetch('/demo/behaviour')).json()) as { behaviour: string }).behaviour))
        .toBe(behaviour)
    },
    row,
    expectBadge: (name, badge) => expect(row(name).getByText(badge, { exact: true })).toBeVisible({ timeout: 30_000 }),
    press: (action, name) => page.getByRole('button', { name: `${action}: ${name}` }).click(),
    items,
    droppedMessages: () => element.evaluate((panel: UploadPanel) => panel.uploader?.inspect().droppedMessages ?? 0),
    async expectAllCompleted(count) {
      await expect.poll(phases, { timeout: 60_000, message: 'every item is confirmed' }).toEqual({ completed: count })
    },
  }
}
