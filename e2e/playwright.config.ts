import { availableParallelism } from 'node:os'
import { defineConfig } from '@playwright/test'
import { findBrowsers } from '../scripts/lib/browsers/find.mjs'
import { chromiumArguments } from '../scripts/lib/browsers/chromium-arguments.mjs'

const { chromium } = await findBrowsers()

// Chromium reads file names in the locale's encoding: in a bare container's it cannot open those that are not ASCII.
process.env.LC_ALL = 'C.UTF-8'

export default defineConfig({
  testMatch: '**/*.e2e.ts',
  // They have a configuration, and a gate, of their own.
  testIgnore: 'stories/**',
  // What takes minutes is for the night: `npm run test:nightly`.
  ...(process.env['NIGHTLY'] ? { grep: /@nightly/ } : { grepInvert: /@nightly/ }),
  outputDir: '../.cache/e2e',
  forbidOnly: Boolean(process.env['CI']),
  fullyParallel: true,
  // A test has a server, a browser and up to 64 MiB of its own at work: more at once only wait for each other.
  workers: Math.max(1, Math.floor(availableParallelism() / 2)),
  retries: 0,
  timeout: 90_000,
  reporter: process.env['TALLY_FILE'] ? [['list'], ['json', { outputFile: process.env['TALLY_FILE'] }]] : [['list']],
  use: {
    browserName: 'chromium',
    launchOptions: {
      args: chromiumArguments(),
      ...(chromium === undefined || chromium === 'playwright' ? {} : { executablePath: chromium }),
    },
    trace: 'retain-on-failure',
  },
})
