import { ensureBrowsers } from '../browsers/install.mjs'
import { build } from '../build.mjs'
import { fromRoot, PACKAGES } from '../paths.mjs'
import { toolPath } from '../tools.mjs'
import { commandGate, firstOf } from './gate.mjs'
import { servicesGate } from './services.mjs'
import { suiteGate } from './suite.mjs'
import { tallyEngines, tallyPlaywright, tallyVitest } from './tally.mjs'
import { unresolvedTypes } from './unresolved-types.mjs'

/** @typedef {import('./gate.mjs').Gate} Gate */

const firstTypeError = firstOf(/^.+\(\d+,\d+\): error TS.+$/gm, 'type errors')

/** @type {Gate} */
const browsers = {
  name: 'browsers',
  async check(run) {
    const { engines, missing, output } = await ensureBrowsers({ ...run.tools, isCi: run.isCi })
    run.engines = engines
    if (missing.length > 0) {
      const advice = run.isCi ? 'CI needs Chromium, Firefox and WebKitGTK' : 'install Chrome or Chromium'
      const how = 'as root on Debian and Ubuntu they are installed by themselves; elsewhere `npx playwright install` downloads them'
      return { passed: 0, failed: 1, reason: `${missing.join(' and ')} could not be found or installed: ${advice} (${how}).`, output }
    }
    const isPartial = engines.length < 3
    return { passed: 1, failed: 0, output, note: `${engines.join(', ')}${isPartial ? ' (enough here; CI runs all three engines)' : ''}` }
  },
}

const typecheck = commandGate({
  name: 'typecheck',
  // From nothing each time: TypeScript 7.0.2 repeats a project's old errors when only a project that it depends on has changed.
  commands: () => [[toolPath('typescript', 'tsc'), '-b', '--force']],
  reason: firstTypeError,
})

const lint = commandGate({
  name: 'lint',
  commands: () => [[toolPath('oxlint'), '--type-aware', '--deny-warnings', '--format=unix']],
  reason: firstOf(/^\S+:\d+:\d+: .+$/gm, 'problems'),
})

const format = commandGate({
  name: 'format',
  commands: () => [[toolPath('@biomejs/biome', 'biome'), 'format', '--colors=off', '--reporter=summary']],
  reason: (output) => {
    const file = firstOf(/^\s+- (.+)$/gm, 'files are not formatted')(output)
    return file && `${file} (npm run format mends it)`
  },
})

const imports = commandGate({
  name: 'imports',
  commands: [['scripts/check-imports.mjs']],
  reason: firstOf(/^.+$/gm, 'imports go the wrong way'),
})

const unit = suiteGate({
  name: 'unit',
  command: (report) => [toolPath('vitest'), 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
  tally: tallyVitest,
  timeoutMs: 600_000,
})

const services = servicesGate(
  suiteGate({
    name: 'services',
    // Both may install packages, and apt does one thing at a time.
    after: ['browsers'],
    command: (report) => [
      toolPath('vitest'),
      'run',
      '--config=vitest.services.config.ts',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
    ],
    tally: tallyVitest,
    // Servers are killed, frozen and started again, by each transport.
    timeoutMs: 1_200_000,
  }),
)

/** @type {Gate} */
const buildGate = {
  name: 'build',
  // Both compile the packages' types into dist.
  after: ['typecheck'],
  async check({ tools }) {
    const { code, output } = await build(tools)
    if (code === 0) return { passed: 1, failed: 0, output }
    const reason = firstTypeError(output) ?? /^(?:\[!\] )?.*Error: .+$/m.exec(output)?.[0].trim() ?? `ended with exit code ${code}`
    return { passed: 0, failed: 1, reason, output }
  },
}

const types = commandGate({
  name: 'types',
  needs: ['build'],
  // The built elements in the templates of each framework.
  commands: () => [[toolPath('typescript', 'tsc'), '-b', '--force', 'packages/widget/type-tests']],
  reason: firstTypeError,
})

const docs = commandGate({
  name: 'docs',
  // The types of elements in the templates of frameworks are made by it.
  needs: ['build'],
  commands: [['scripts/check-docs.mjs']],
  reason: firstOf(/^\S+\.md:.+$/gm, 'problems in the docs'),
})

const size = commandGate({
  name: 'size',
  needs: ['build'],
  // Files by themselves, and what they add to a page that has the engine.
  commands: () => [[toolPath('size-limit')], ['scripts/check-added-size.mjs']],
  reason: (output) => {
    const over = /^\s*(.+)\n\s*(Package size limit has exceeded by .+)$/m.exec(output)
    return over ? `${over[1]}: ${over[2]}` : /^.*(?:: more than |ERROR|Error).*$/m.exec(output)?.[0].trim()
  },
})

const publint = commandGate({
  name: 'publint',
  needs: ['build'],
  commands: () => PACKAGES.map((name) => [toolPath('publint'), fromRoot('packages', name), '--strict']),
  reason: firstOf(/^\d+\. (.+)$/gm, 'problems'),
})

const attw = commandGate({
  name: 'attw',
  needs: ['build'],
  commands: () =>
    PACKAGES.map((name) => [
      toolPath('@arethetypeswrong/cli', 'attw'),
      '--pack',
      fromRoot('packages', name),
      '--profile',
      'esm-only',
      '--no-color',
    ]),
  reason: unresolvedTypes,
})

const knip = commandGate({
  name: 'knip',
  commands: () => [[toolPath('knip', 'knip'), '--no-progress', '--treat-config-hints-as-errors']],
  reason: (output) => output.trim().split('\n').slice(0, 2).join(' ').replaceAll(/\s+/g, ' '),
})

const component = suiteGate({
  name: 'component',
  needs: ['browsers'],
  isAlone: true,
  command: () => [toolPath('@web/test-runner', 'web-test-runner')],
  env: ({ engines }, report) => ({ ENGINES: engines.join(','), TALLY_FILE: report }),
  tally: (report, { engines }) => tallyEngines(report, engines.length),
  timeoutMs: 600_000,
})

const storybook = commandGate({
  name: 'storybook',
  commands: () => [[toolPath('storybook'), 'build', '--output-dir', '.cache/storybook', '--quiet']],
  reason: firstOf(/^.*\b(?:\w*Error|SB_\w+)\b.*$/gm, 'problems'),
})

const stories = suiteGate({
  name: 'stories',
  needs: ['browsers'],
  isAlone: true,
  command: (report) => [
    toolPath('vitest'),
    'run',
    '--config=vitest.storybook.config.ts',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ],
  tally: tallyVitest,
  timeoutMs: 600_000,
})

const pictures = suiteGate({
  name: 'visual',
  needs: ['browsers', 'storybook'],
  isAlone: true,
  command: () => ['scripts/lib/visual/run.mjs'],
  env: (_run, report) => ({ TALLY_FILE: report }),
  tally: (report) => report,
  timeoutMs: 300_000,
})

/** Other systems draw letters in ways of their own. @type {Gate} */
const visual = {
  ...pictures,
  check: async (run) =>
    process.platform === 'linux' ? pictures.check(run) : { passed: 0, failed: 0, output: '', note: 'pictures are compared on Linux' },
}

const circumstances = suiteGate({
  name: 'circumstances',
  needs: ['browsers', 'storybook'],
  isAlone: true,
  command: () => [toolPath('@playwright/test', 'playwright'), 'test', '--config', 'e2e/stories/playwright.config.ts'],
  env: (_run, report) => ({ TALLY_FILE: report }),
  tally: tallyPlaywright,
  timeoutMs: 900_000,
})

const e2e = suiteGate({
  name: 'e2e',
  needs: ['build', 'browsers'],
  isAlone: true,
  command: () => [toolPath('@playwright/test', 'playwright'), 'test', '--config', 'e2e/playwright.config.ts'],
  env: (_run, report) => ({ TALLY_FILE: report }),
  tally: tallyPlaywright,
  timeoutMs: 600_000,
})

/** Quick answers first; what waits for others or wants the machine for itself last. @type {readonly Gate[]} */
export const GATES = [
  browsers,
  typecheck,
  lint,
  format,
  imports,
  unit,
  buildGate,
  types,
  docs,
  size,
  publint,
  attw,
  knip,
  storybook,
  services,
  component,
  stories,
  visual,
  circumstances,
  e2e,
]

const HOUR_MS = 3_600_000

const longE2e = suiteGate({
  name: 'long-e2e',
  needs: ['build', 'browsers'],
  isAlone: true,
  command: () => [toolPath('@playwright/test', 'playwright'), 'test', '--config', 'e2e/playwright.config.ts'],
  env: (_run, report) => ({ TALLY_FILE: report, NIGHTLY: '1' }),
  tally: tallyPlaywright,
  timeoutMs: HOUR_MS,
})

const simulate = commandGate({
  name: 'simulate',
  // Which is over in minutes.
  after: ['long-e2e'],
  // Each with a seed of its own: a failure in one does not end the night.
  commands: [
    ...Array.from({ length: 10 }, () => ['scripts/simulate.mjs', '--runs', '10000']),
    ['scripts/simulate.mjs', '--runs', '5000', '--server', 'adapter'],
  ],
  reason: firstOf(/^.*--seed.*$/gm, 'failures'),
  timeoutMs: 2 * HOUR_MS,
})

/** What takes too long for every change. @type {readonly Gate[]} */
export const NIGHTLY_GATES = [browsers, buildGate, longE2e, simulate]
