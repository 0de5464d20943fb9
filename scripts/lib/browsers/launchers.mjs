import { chromeLauncher } from '@web/test-runner-chrome'
import { playwrightLauncher } from '@web/test-runner-playwright'
import { puppeteerLauncher } from '@web/test-runner-puppeteer'
import { webdriverLauncher } from '@web/test-runner-webdriver'
import { chromiumArguments } from './chromium-arguments.mjs'
import { startWebKitDriver } from './webkit-driver.mjs'

/** @typedef {import('./find.mjs').Browsers} Browsers */
/** @typedef {import('./find.mjs').Engine} Engine */

/**
 * @param {Engine} engine
 * @param {Browsers} browsers
 * @param {number} webkitPort where {@link webkitDriverPlugin} lets WebKitWebDriver listen
 */
export function launcher(engine, browsers, webkitPort) {
  const { chromium: chromePath = 'playwright', firefox: firefoxPath = 'playwright', webkit = 'playwright' } = browsers
  if (engine === 'chromium' && chromePath !== 'playwright') {
    return chromeLauncher({ launchOptions: { executablePath: chromePath, headless: true, args: chromiumArguments() } })
  }
  if (engine === 'firefox' && firefoxPath !== 'playwright') {
    return puppeteerLauncher({ launchOptions: { browser: 'firefox', executablePath: firefoxPath, headless: true } })
  }
  if (engine === 'webkit' && webkit !== 'playwright') {
    // Classic only: with WebDriver BiDi asked for, WebKitGTK refuses the session. The types do not know its options.
    const capabilities = /** @type {WebdriverIO.Capabilities} */ ({
      browserName: 'MiniBrowser',
      'wdio:enforceWebDriverClassic': true,
      ...{ 'webkitgtk:browserOptions': { binary: webkit.browser, args: ['--automation'] } },
    })
    return webdriverLauncher({ hostname: '127.0.0.1', port: webkitPort, path: '/', logLevel: 'error', capabilities })
  }
  return playwrightLauncher({ product: engine })
}

/**
 * Keeps WebKitWebDriver and its display running while the tests run.
 * @param {import('./find.mjs').WebKit} webkit
 * @param {number} port
 * @returns {import('@web/test-runner').TestRunnerPlugin}
 */
export function webkitDriverPlugin(webkit, port) {
  /** @type {{ stop: () => void } | undefined} */
  let driver
  return {
    name: 'webkit-driver',
    async serverStart() {
      driver = await startWebKitDriver(webkit, port)
    },
    serverStop: async () => driver?.stop(),
  }
}
