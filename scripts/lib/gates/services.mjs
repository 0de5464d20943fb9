import { CEPH_ADVICE, ensureCeph, hasCeph } from '../ceph.mjs'

/** @typedef {import('./gate.mjs').Gate} Gate */

/**
 * Tests against real servers: with Ceph where it can be had, and never without it on CI.
 * @param {Gate} suite
 * @param {{ ensure: typeof ensureCeph, isThere: () => boolean }} [ceph]
 * @returns {Gate}
 */
export const servicesGate = (suite, ceph = { ensure: ensureCeph, isThere: hasCeph }) => ({
  ...suite,
  async check(run) {
    const output = await ceph.ensure(run.tools.env)
    if (!ceph.isThere() && run.isCi) {
      return { passed: 0, failed: 1, reason: `Ceph is missing, and CI needs it for S3: ${CEPH_ADVICE}.`, output }
    }
    const outcome = await suite.check(run)
    const notes = [outcome.note, ceph.isThere() ? undefined : `no S3, because Ceph is missing: ${CEPH_ADVICE}`].filter(Boolean)
    return { ...outcome, output: output + outcome.output, ...(notes.length > 0 && { note: notes.join(', ') }) }
  },
})
