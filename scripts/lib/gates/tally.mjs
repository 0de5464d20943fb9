import { stripVTControlCharacters } from 'node:util'

/**
 * What a suite's own report says, in the same words for each runner.
 * @typedef {object} Tally
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 * @property {readonly string[]} failures `title: first line of the message`
 */

/** @param {readonly Tally[]} tallies @returns {Tally} */
const sumTallies = (tallies) => ({
  passed: sum(tallies.map(({ passed }) => passed)),
  failed: sum(tallies.map(({ failed }) => failed)),
  skipped: sum(tallies.map(({ skipped }) => skipped)),
  failures: tallies.flatMap(({ failures }) => failures),
})

/**
 * Vitest's JSON report. A file that could not be loaded has no tests and counts as one that failed.
 * @typedef {{ fullName: string, status: string, failureMessages: string[] }} VitestCase
 * @param {{ testResults: { name: string, status: string, message: string, assertionResults: VitestCase[] }[] }} report
 * @returns {Tally}
 */
export function tallyVitest({ testResults }) {
  const cases = testResults.flatMap(({ assertionResults }) => assertionResults)
  const failed = cases.filter(({ status }) => status === 'failed')
  const broken = testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.every((test) => test.status !== 'failed'),
  )
  const passed = cases.filter(({ status }) => status === 'passed').length
  return {
    passed,
    failed: failed.length + broken.length,
    skipped: cases.length - passed - failed.length,
    failures: [
      ...failed.map(({ fullName, failureMessages: [message = ''] }) => failure(fullName, message)),
      ...broken.map(({ name, message }) => failure(name, message)),
    ],
  }
}

/**
 * The report of {@link import('../browsers/tally-reporter.mjs').tallyReporter}: one tally an engine.
 * An engine that ran fewer tests than another did not do its part, and that counts as a failure of its own.
 * @param {Record<string, Tally>} engines
 * @param {number} expectedEngines how many were asked for
 * @returns {Tally}
 */
export function tallyEngines(engines, expectedEngines) {
  const total = sumTallies(
    Object.entries(engines).map(([engine, tally]) => ({ ...tally, failures: tally.failures.map((text) => `${engine}: ${text}`) })),
  )
  const counts = Object.entries(engines).map(
    ([engine, { passed, failed, skipped }]) => /** @type {const} */ ([engine, passed + failed + skipped]),
  )
  const isComplete = counts.length === expectedEngines && counts.every(([, count]) => count === counts[0]?.[1])
  if (isComplete || total.failed > 0) return total
  const said = counts.map(([engine, count]) => `${engine} ${count}`).join(', ') || 'none'
  return { ...total, failed: 1, failures: [`The engines did not run the same tests (${said}; ${expectedEngines} engines were asked for).`] }
}

/**
 * Playwright's JSON report.
 * @typedef {{ title: string, specs: { title: string, tests: { status: string, results: { error?: { message?: string } }[] }[] }[], suites?: PlaywrightSuite[] }} PlaywrightSuite
 * @param {{ suites: PlaywrightSuite[], errors: { message?: string }[] }} report
 * @returns {Tally}
 */
export function tallyPlaywright({ suites, errors }) {
  const outside = errors.map(({ message = '' }) => failure('outside any test', message))
  const tests = suites.flatMap((suite) => playwrightTests(suite, []))
  const failed = tests.filter(({ status }) => status === 'unexpected' || status === 'flaky')
  return {
    passed: tests.filter(({ status }) => status === 'expected').length,
    failed: failed.length + outside.length,
    skipped: tests.filter(({ status }) => status === 'skipped').length,
    failures: [...failed.map(({ title, message }) => failure(title, message)), ...outside],
  }
}

/**
 * @param {PlaywrightSuite} suite
 * @param {readonly string[]} path
 * @returns {{ title: string, status: string, message: string }[]}
 */
const playwrightTests = ({ title, specs, suites = [] }, path) => [
  ...specs.flatMap((spec) =>
    spec.tests.map(({ status, results }) => ({
      title: [...path, title, spec.title].join(' › '),
      status,
      message: results.find(({ error }) => error)?.error?.message ?? '',
    })),
  ),
  ...suites.flatMap((suite) => playwrightTests(suite, [...path, title])),
]

/**
 * A failure in one line.
 * @param {string} title
 * @param {string} message only its first line counts
 */
export const failure = (title, message) => `${title}: ${stripVTControlCharacters(message).trim().split('\n')[0] || 'no message'}`

/** @param {readonly number[]} numbers */
const sum = (numbers) => numbers.reduce((total, number) => total + number, 0)
