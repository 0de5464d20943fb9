import { chromium, type LaunchOptions } from '@playwright/test'
import { type Browser, launch } from 'puppeteer-core'
import { type Browsers, type Engine, findBrowsers } from '../../scripts/lib/browsers/find.mjs'
import { startWebKitDriver } from '../../scripts/lib/browsers/webkit-driver.mjs'
import { freePort } from '../../scripts/lib/free-port.mjs'

/** A page in any engine, with no more than all of their drivers can do. */
export interface AnyPage {
  open(url: string): Promise<void>
  /** What an expression answers, or the promise that it answers resolves with. Plain data. */
  evaluate<T>(expression: string): Promise<T>
  /** Chooses files in the page's file input. */
  choose(paths: readonly string[]): Promise<void>
  close(): Promise<void>
}

/** Opens a page that asks nobody for a server's certificate; undefined where this machine lacks the engine. */
export async function openPage(engine: Engine, options: LaunchOptions): Promise<AnyPage | undefined> {
  const browsers = await findBrowsers()
  if (engine === 'chromium') return openChromium(options)
  if (engine === 'firefox') return openFirefox(browsers.firefox)
  return openWebKit(browsers.webkit)
}

async function openChromium(options: LaunchOptions): Promise<AnyPage> {
  const browser = await chromium.launch(options)
  const page = await browser.newPage({ ignoreHTTPSErrors: true })
  return {
    open: async (url) => void (await page.goto(url)),
    evaluate: (expression) => page.evaluate(expression),
    choose: (paths) => page.locator('input').setInputFiles([...paths]),
    close: () => browser.close(),
  }
}

/** By WebDriver BiDi: Playwright drives a Firefox of its own alone. */
async function openFirefox(executablePath: string | undefined): Promise<AnyPage | undefined> {
  if (executablePath === undefined || executablePath === 'playwright') return undefined
  const browser: Browser = await launch({ browser: 'firefox', executablePath, headless: true, acceptInsecureCerts: true })
  const page = await browser.newPage()
  return {
    open: async (url) => void (await page.goto(url)),
    evaluate: (expression) => page.evaluate(expression) as never,
    async choose(paths) {
      const input = await page.waitForSelector('input')
      await (input as NonNullable<typeof input> & { uploadFile(...paths: string[]): Promise<void> }).uploadFile(...paths)
    },
    close: () => browser.close(),
  }
}

/** By WebDriver, which is HTTP. */
async function openWebKit(webkit: Browsers['webkit']): Promise<AnyPage | undefined> {
  if (typeof webkit !== 'object') return undefined
  const port = await freePort()
  const driver = await startWebKitDriver(webkit, port)
  async function call<T>(path: string, body: unknown, method = 'POST'): Promise<T> {
    const response = await fetch(`http://127.0.0.1:${port}/session${path}`, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const { value } = (await response.json()) as { value: T & { message?: string } }
    if (!response.ok) throw new Error(`WebKit: ${value.message ?? response.status}`)
    return value
  }
  const options = { binary: webkit.browser, args: ['--automation'] }
  const capabilities = { alwaysMatch: { browserName: 'MiniBrowser', acceptInsecureCerts: true, 'webkitgtk:browserOptions': options } }
  const { sessionId } = await call<{ sessionId: string }>('', { capabilities })
  return {
    open: (url) => call(`/${sessionId}/url`, { url }),
    async evaluate<T>(expression: string) {
      const script = `const done = arguments[0]; Promise.resolve(${expression}).then((value) => done({ value }), (error) => done({ error: String(error) }))`
      const { value, error } = await call<{ value: T; error?: string }>(`/${sessionId}/execute/async`, { script, args: [] })
      if (error !== undefined) throw new Error(error)
      return value
    },
    async choose(paths) {
      // Else they come to those that are there.
      await call(`/${sessionId}/execute/sync`, { script: `document.querySelector('input').value = ''`, args: [] })
      const element = await call<Record<string, string>>(`/${sessionId}/element`, { using: 'css selector', value: 'input' })
      await call(`/${sessionId}/element/${Object.values(element)[0]}/value`, { text: paths.join('\n') })
    },
    async close() {
      await call(`/${sessionId}`, undefined, 'DELETE').catch(() => {})
      driver.stop()
    },
  }
}
