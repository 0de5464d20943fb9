import { adviceFor, ensureServices, missingServices } from '../debian-services.mjs'

/** @typedef {import('./gate.mjs').Gate} Gate */

/**
 * Tests against real servers: with all of them where they can be had, and never without one on CI.
 * @param {Gate} suite
 * @param {{ ensure: typeof ensureServices, missing: typeof missingServices }} [services]
 * @returns {Gate}
 */
export const servicesGate = (suite, services = { ensure: ensureServices, missing: missingServices }) => ({
  ...suite,
  async check(run) {
    const output = await services.ensure(run.tools.env)
    const missing = services.missing()
    if (missing.length > 0 && run.isCi) return { passed: 0, failed: 1, reason: `CI needs ${adviceFor(missing)}.`, output }
    const outcome = await suite.check(run)
    const notes = [outcome.note, missing.length > 0 ? `without ${adviceFor(missing)}` : undefined].filter(Boolean)
    return { ...outcome, output: output + outcome.output, ...(notes.length > 0 && { note: notes.join(', ') }) }
  },
})
