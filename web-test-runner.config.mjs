import { fileURLToPath } from 'node:url'
import { esbuildPlugin } from '@web/dev-server-esbuild'
import { defaultReporter } from '@web/test-runner'
import { chromeLauncher } from '@web/test-runner-chrome'
import { playwrightLauncher } from '@web/test-runner-playwright'
import { puppeteerLauncher } from '@web/test-runner-puppeteer'
import { webdriverLauncher } from '@web/test-runner-webdriver'
import { ENGINES, findBrowsers } from './scripts/lib/browsers.mjs'
import { chromiumArguments } from './scripts/lib/chromium-arguments.mjs'
import { freePort } from './scripts/lib/free-port.mjs'
import { startWebKitDriver } from './scripts/lib/webkit-driver.mjs'
import { tallyReporter } from './scripts/lib/wtr-tally-reporter.mjs'

/** ENGINES=chromium,webkit chooses; without it every engine that is found takes part. An engine that is named and missing is an error. */
const browsers = await findBrowsers()
const engines = process.env.ENGINES?.split(',') ?? ENGINES.filter((engine) => browsers[engine] !== undefined)
const missing = engines.filter((engine) => browsers[engine] === undefined)
if (engines.length === 0 || missing.length > 0) {
  throw new Error(`No ${missing.join(' and no ') || 'browser'} was found: npm test installs what is missing where it can, and says what to do where it cannot.`)
}

const webkitPort = await freePort()

const launchers = {
  chromium: (path) =>
    path === 'playwright'
      ? playwrightLauncher({ product: 'chromium' })
      : chromeLauncher({ launchOptions: { executablePath: path, headless: true, args: chromiumArguments() } }),
  firefox: (path) =>
    path === 'playwright'
      ? playwrightLauncher({ product: 'firefox' })
      : puppeteerLauncher({ launchOptions: { browser: 'firefox', executablePath: path, headless: true } }),
  webkit: (webkit) =>
    webkit === 'playwright'
      ? playwrightLauncher({ product: 'webkit' })
      : webdriverLauncher({
          hostname: '127.0.0.1',
          port: webkitPort,
          path: '/',
          logLevel: 'error',
          capabilities: {
            browserName: 'MiniBrowser',
            'wdio:enforceWebDriverClassic': true,
            'webkitgtk:browserOptions': { binary: webkit.browser, args: ['--automation'] },
          },
        }),
}

/** Some dependencies read process.env.NODE_ENV, which a browser does not have. */
const nodeEnv = {
  name: 'node-env',
  transform: ({ response, body }) =>
    response.is('js') && body.includes('process.env.NODE_ENV') ? body.replaceAll('process.env.NODE_ENV', '"development"') : undefined,
}

let driver
const webkitDriver = {
  name: 'webkit-driver',
  async serverStart() {
    driver = await startWebKitDriver(browsers.webkit, webkitPort)
  },
  serverStop: () => driver?.stop(),
}
const needsDriver = engines.includes('webkit') && browsers.webkit !== 'playwright'

export default {
  files: 'packages/*/src/**/*.browser-test.ts',
  port: await freePort(),
  concurrentBrowsers: 1,
  nodeResolve: { exportConditions: ['@upload-panel/source', 'development'] },
  plugins: [
    nodeEnv,
    esbuildPlugin({ ts: true, target: 'es2022', tsconfig: fileURLToPath(new URL('./tsconfig.base.json', import.meta.url)) }),
    ...(needsDriver ? [webkitDriver] : []),
  ],
  browsers: engines.map((engine) => launchers[engine](browsers[engine])),
  browserStartTimeout: 60_000,
  testsStartTimeout: 60_000,
  testFramework: { config: { timeout: 20_000, forbidOnly: Boolean(process.env.CI) } },
  reporters: [defaultReporter(), ...(process.env.TALLY_FILE ? [tallyReporter(process.env.TALLY_FILE)] : [])],
}
