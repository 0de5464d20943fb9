import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, relative } from 'node:path'
import { failure } from '../gates/tally.mjs'
import { ROOT } from '../paths.mjs'

/** @typedef {import('@web/test-runner').TestSuiteResult} SuiteResult */
/** @typedef {{ passed: number, failed: number, skipped: number, failures: string[] }} EngineTally */

/**
 * Writes how many tests each engine ran, as `{ [browser]: EngineTally }`, when the run ends.
 * @param {string} path of the JSON file
 * @returns {import('@web/test-runner').Reporter}
 */
export const tallyReporter = (path) => ({
  onTestRunFinished({ sessions }) {
    /** @type {Record<string, EngineTally>} */
    const engines = {}
    for (const { browser, group, testResults, errors, testFile } of sessions) {
      const tally = (engines[browser.name] ??= { passed: 0, failed: 0, skipped: 0, failures: [] })
      if (testResults) count(testResults, group.name === 'default' ? [] : [group.name], tally)
      for (const { message } of errors) {
        tally.failed += 1
        tally.failures.push(failure(relative(ROOT, testFile), message))
      }
    }
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, JSON.stringify(engines, null, 2))
  },
})

/** @param {SuiteResult} suite @param {readonly string[]} path @param {EngineTally} tally */
function count(suite, path, tally) {
  for (const test of suite.tests) {
    if (test.skipped) tally.skipped += 1
    else if (test.passed) tally.passed += 1
    else {
      tally.failed += 1
      tally.failures.push(failure([...path, test.name].join(' › '), test.error?.message ?? ''))
    }
  }
  for (const inner of suite.suites) count(inner, [...path, inner.name], tally)
}
