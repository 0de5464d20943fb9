import { fileURLToPath } from 'node:url'
import { esbuildPlugin } from '@web/dev-server-esbuild'
import { defaultReporter } from '@web/test-runner'
import { chooseEngines } from './scripts/lib/browsers/choose.mjs'
import { findBrowsers } from './scripts/lib/browsers/find.mjs'
import { launcher, webkitDriverPlugin } from './scripts/lib/browsers/launchers.mjs'
import { pageWith, reactModules } from './scripts/lib/browsers/react.mjs'
import { realServer } from './scripts/lib/browsers/real-server.mjs'
import { tallyReporter } from './scripts/lib/browsers/tally-reporter.mjs'
import { uploadTarget } from './scripts/lib/browsers/upload-target.mjs'
import { workerFile } from './scripts/lib/browsers/worker-file.mjs'
import { freePort } from './scripts/lib/free-port.mjs'

const { ENGINES, TALLY_FILE, CI } = process.env
const browsers = await findBrowsers()
const engines = chooseEngines(browsers, ENGINES)
const server = realServer()
const webkitPort = await freePort()
const webkit = engines.includes('webkit') && browsers.webkit !== 'playwright' ? browsers.webkit : undefined

/**
 * Some dependencies read process.env.NODE_ENV, which a browser does not have.
 * @type {import('@web/test-runner').TestRunnerPlugin}
 */
const nodeEnvironment = {
  name: 'node-environment',
  transform: ({ response, body }) =>
    response.is('js') && typeof body === 'string' ? body.replaceAll('process.env.NODE_ENV', '"development"') : undefined,
}

/** @type {import('@web/test-runner').TestRunnerConfig} */
export default {
  rootDir: fileURLToPath(new URL('.', import.meta.url)),
  files: 'packages/*/src/**/*.browser-test.{ts,tsx}',
  testRunnerHtml: pageWith('react-19'),
  // A run of named files is of those alone; `--group react-18` says that they are for the oldest React.
  groups:
    process.argv.includes('--files') && !process.argv.includes('--group')
      ? []
      : [{ name: 'react-18', files: 'packages/react/src/**/*.browser-test.tsx', testRunnerHtml: pageWith('react-18') }],
  port: await freePort(),
  concurrentBrowsers: 1,
  middleware: [uploadTarget(), server.middleware, workerFile()],
  nodeResolve: { exportConditions: ['@upload-panel/source', 'development'] },
  plugins: [
    server.plugin,
    reactModules(),
    nodeEnvironment,
    esbuildPlugin({ ts: true, tsx: true, target: 'es2022', tsconfig: fileURLToPath(new URL('./tsconfig.base.json', import.meta.url)) }),
    ...(webkit ? [webkitDriverPlugin(webkit, webkitPort)] : []),
  ],
  browsers: engines.map((engine) => launcher(engine, browsers, webkitPort)),
  browserStartTimeout: 60_000,
  testsFinishTimeout: 300_000,
  testsStartTimeout: 60_000,
  // For what hangs. Three browsers on two cores that have other work need up to twenty seconds for ten thousand rows.
  testFramework: { config: { timeout: 60_000, forbidOnly: Boolean(CI) } },
  reporters: [defaultReporter(), ...(TALLY_FILE ? [tallyReporter(TALLY_FILE)] : [])],
}
