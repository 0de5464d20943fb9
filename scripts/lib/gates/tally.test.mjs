import { describe, expect, it } from 'vitest'
import { tallyEngines, tallyPlaywright, tallyVitest } from './tally.mjs'

describe('Vitest’s report', () => {
  const file = (/** @type {{ fullName: string, status: string, failureMessages: string[] }[]} */ ...assertionResults) => ({
    name: 'a.test.ts',
    status: assertionResults.some(({ status }) => status === 'failed') ? 'failed' : 'passed',
    message: '',
    assertionResults,
  })
  const passed = { fullName: 'adds', status: 'passed', failureMessages: [] }

  it('counts what passed, failed and was skipped', () => {
    const failed = { fullName: 'subtracts', status: 'failed', failureMessages: ['AssertionError: 1 is not 2\n  at a.test.ts:3'] }
    const skipped = { fullName: 'divides', status: 'skipped', failureMessages: [] }
    expect(tallyVitest({ testResults: [file(passed, failed, skipped), file(passed)] })).toEqual({
      passed: 2,
      failed: 1,
      skipped: 1,
      failures: ['subtracts: AssertionError: 1 is not 2'],
    })
  })

  it('counts a file that could not be loaded as a failure', () => {
    const broken = { ...file(), status: 'failed', message: 'Cannot find module' }
    expect(tallyVitest({ testResults: [broken] })).toMatchObject({ passed: 0, failed: 1, failures: ['a.test.ts: Cannot find module'] })
  })
})

describe('the engines’ report', () => {
  const two = { passed: 2, failed: 0, skipped: 0, failures: [] }

  it('adds up the engines', () => {
    expect(tallyEngines({ Chrome: two, Firefox: two }, 2)).toMatchObject({ passed: 4, failed: 0 })
  })

  it('names the engine in which a test failed', () => {
    const one = { ...two, passed: 1, failed: 1, failures: ['drops a file: timed out'] }
    expect(tallyEngines({ Chrome: two, Firefox: one }, 2)).toMatchObject({
      passed: 3,
      failed: 1,
      failures: ['Firefox: drops a file: timed out'],
    })
  })

  it.each([
    ['is missing', { Chrome: two }],
    ['ran fewer tests than the other', { Chrome: two, Firefox: { ...two, passed: 1 } }],
  ])('fails when an engine %s', (_how, engines) => {
    expect(tallyEngines(engines, 2)).toMatchObject({ failed: 1, failures: [expect.stringContaining('did not run the same tests')] })
  })
})

describe('Playwright’s report', () => {
  const test = (/** @type {string} */ title, /** @type {string} */ status, /** @type {string} */ message = '') => ({
    title,
    tests: [{ status, results: [message === '' ? {} : { error: { message } }] }],
  })

  it('counts the tests of nested suites, and a flaky one as failed', () => {
    const inner = { title: 'offline', specs: [test('resumes', 'flaky', 'Error: gone\nat line 3')] }
    const suites = [{ title: 'network.e2e.ts', specs: [test('uploads', 'expected'), test('later', 'skipped')], suites: [inner] }]
    expect(tallyPlaywright({ suites, errors: [] })).toEqual({
      passed: 1,
      failed: 1,
      skipped: 1,
      failures: ['network.e2e.ts › offline › resumes: Error: gone'],
    })
  })

  it('counts an error outside any test as a failure', () => {
    expect(tallyPlaywright({ suites: [], errors: [{ message: 'No tests found' }] })).toMatchObject({
      failed: 1,
      failures: ['outside any test: No tests found'],
    })
  })
})
