import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { CACHE } from '../paths.mjs'

/** @typedef {import('./gate.mjs').Gate} Gate */
/** @typedef {import('./gate.mjs').Run} Run */

/**
 * A gate that runs tests and counts them one by one, by the report that its runner writes.
 * @param {Pick<Gate, 'name' | 'after' | 'needs' | 'isAlone'> & {
 *   command: (reportPath: string) => readonly string[],
 *   env?: (run: Run, reportPath: string) => NodeJS.ProcessEnv,
 *   tally: (report: any, run: Run) => import('./tally.mjs').Tally,
 *   timeoutMs: number,
 * }} definition
 * @returns {Gate}
 */
export const suiteGate = ({ command, env, tally, timeoutMs, ...gate }) => ({
  ...gate,
  async check(run) {
    const reportPath = join(CACHE, 'reports', `${gate.name}.json`)
    mkdirSync(join(CACHE, 'reports'), { recursive: true })
    rmSync(reportPath, { force: true })
    const { code, output, timedOut } = await run.tool(command(reportPath), { timeoutMs, ...(env && { env: env(run, reportPath) }) })
    const report = existsSync(reportPath) ? JSON.parse(readFileSync(reportPath, 'utf8')) : undefined
    return judgeSuite({ tally: report && tally(report, run), code, output, hasTimedOut: timedOut, timeoutMs })
  },
})

/**
 * A suite passes when its runner says so, its report agrees, and at least one test ran.
 * @param {{ tally: import('./tally.mjs').Tally | undefined, code: number, output: string, hasTimedOut: boolean, timeoutMs: number }} run
 * @returns {import('./gate.mjs').Outcome}
 */
export function judgeSuite({ tally, code, output, hasTimedOut, timeoutMs }) {
  const { passed = 0, failed = 0, skipped = 0, failures = [] } = tally ?? {}
  if (hasTimedOut) return { passed, failed: failed + 1, reason: `did not end within ${timeoutMs / 60_000} min`, output }
  if (failed > 0) {
    const [first = ''] = failures
    return {
      passed,
      failed,
      reason: failed > 1 ? `the first: ${first}` : first,
      output: `${output}\n${failures.join('\n')}`,
    }
  }
  if (code !== 0)
    return { passed, failed: 1, reason: firstErrorLine(output) ?? `ended with exit code ${code} although no test failed`, output }
  if (passed === 0) return { passed, failed: 1, reason: 'no test ran', output }
  return { passed, failed: 0, output, ...(skipped > 0 && { note: `${skipped} skipped` }) }
}

/** @param {string} output */
const firstErrorLine = (output) => /^.*\b(?:\w*Error|Unhandled|Failed)\b.*$/m.exec(output)?.[0].trim()
