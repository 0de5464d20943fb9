import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type LaunchOptions, type Page } from '@playwright/test'

/** A browser whose tabs can be hidden: Playwright's own pages pretend to have the focus, and stay visible behind another tab. */
export interface HideableBrowser {
  newPage(): Promise<Page>
  close(): Promise<void>
}

/** In windows where there is a display for them, else without any. */
export async function launchHideableBrowser({ executablePath, args = [] }: LaunchOptions, display?: string): Promise<HideableBrowser> {
  const profile = await mkdtemp(join(tmpdir(), 'upload-panel-e2e-profile-'))
  const child = spawn(
    executablePath ?? chromium.executablePath(),
    [
      ...args,
      ...(display === undefined ? ['--headless=new'] : []),
      '--remote-debugging-port=0',
      `--user-data-dir=${profile}`,
      '--no-first-run',
      'about:blank',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, ...(display !== undefined && { DISPLAY: display }) } },
  )
  const endpoint = await new Promise<string>((resolve, reject) => {
    let printed = ''
    child.once('exit', (code) => reject(new Error(`The browser ended with ${code}:\n${printed}`)))
    child.stderr.on('data', (chunk: Buffer) => {
      printed += chunk.toString()
      const address = /ws:\/\/\S+/.exec(printed)
      if (address !== null) resolve(address[0])
    })
  })
  const browser = await chromium.connectOverCDP(endpoint, { noDefaults: true, isLocal: true })
  return {
    async newPage() {
      const page = await browser.contexts()[0]!.newPage()
      await page.bringToFront()
      return page
    },
    async close() {
      await browser.close()
      if (child.exitCode === null) {
        const exited = once(child, 'exit')
        child.kill('SIGKILL')
        await exited
      }
      await rm(profile, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
