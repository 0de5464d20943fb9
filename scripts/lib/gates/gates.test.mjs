import { describe, expect, it } from 'vitest'
import { commandGate, firstOf } from './gate.mjs'
import { runGates, selectGates } from './run.mjs'
import { servicesGate } from './services.mjs'
import { judgeSuite } from './suite.mjs'

/** @typedef {import('./gate.mjs').Gate} Gate */
/** @typedef {import('./gate.mjs').Run} Run */

/** @param {Partial<import('../child.mjs').ChildResult>} [result] @returns {Run} */
const runWith = (result) => ({
  isCi: false,
  tools: { node: 'node', env: {} },
  engines: [],
  tool: async () => ({ code: 0, output: '', timedOut: false, ...result }),
})

describe('the runner', () => {
  /** Gates that note when they start and end, and end when they are told to. */
  function stage() {
    /** @type {string[]} */
    const log = []
    /** @type {Map<string, (failed: number) => void>} */
    const ends = new Map()
    return {
      log,
      /** @param {string} name @param {Partial<Gate>} [rest] @returns {Gate} */
      gate: (name, rest) => ({
        name,
        ...rest,
        check: () =>
          new Promise((resolve) => {
            log.push(`${name} starts`)
            ends.set(name, (failed) => resolve({ passed: 1 - failed, failed, output: '' }))
          }),
      }),
      /** @param {string} name @param {number} [failed] */
      async end(name, failed = 0) {
        ends.get(name)?.(failed)
        log.push(`${name} ends`)
        await Promise.resolve()
        await Promise.resolve()
      },
    }
  }

  it('starts a gate once those that it waits for have ended, even if they failed', async () => {
    const { gate, end, log } = stage()
    const finished = runGates([gate('types'), gate('build', { after: ['types'] })], runWith(), () => {})
    await end('types', 1)
    await end('build')
    expect((await finished).map(({ outcome }) => outcome.failed)).toEqual([1, 0])
    expect(log).toEqual(['types starts', 'types ends', 'build starts', 'build ends'])
  })

  it('does not run a gate whose need failed, says so and counts it as failed', async () => {
    const { gate, end, log } = stage()
    const finished = runGates([gate('build'), gate('e2e', { needs: ['build'] })], runWith(), () => {})
    await end('build', 1)
    expect((await finished)[1]?.outcome).toEqual({ passed: 0, failed: 1, reason: 'not run, because build failed', output: '' })
    expect(log).not.toContain('e2e starts')
  })

  it('leaves the machine to a gate that wants to be alone', async () => {
    const { gate, end, log } = stage()
    const finished = runGates([gate('a'), gate('browser', { isAlone: true }), gate('b'), gate('c')], runWith(), () => {})
    for (const name of ['a', 'b', 'c', 'browser']) await end(name)
    await finished
    expect(log.slice(-2)).toEqual(['browser starts', 'browser ends'])
  })

  it('does not wait for gates that were not chosen', async () => {
    const { gate, end } = stage()
    const finished = runGates([gate('build', { after: ['types'], needs: ['types'] })], runWith(), () => {})
    await end('build')
    expect(await finished).toHaveLength(1)
  })

  it('chooses with a gate what it needs, through several steps', () => {
    const { gate } = stage()
    const gates = [gate('browsers'), gate('lint'), gate('build', { needs: ['browsers'] }), gate('e2e', { needs: ['build'] })]
    expect(selectGates(gates, ['e2e']).map(({ name }) => name)).toEqual(['browsers', 'build', 'e2e'])
  })
})

describe('a gate of commands', () => {
  const gate = commandGate({ name: 'lint', commands: [['lint.mjs']], reason: firstOf(/^.+: error.*$/gm, 'problems'), timeoutMs: 2_000 })

  it('passes by the exit code', async () => {
    expect(await gate.check(runWith())).toMatchObject({ passed: 1, failed: 0 })
  })

  it('gives the first problem as its reason, and how many there are', async () => {
    const { reason } = await gate.check(runWith({ code: 1, output: 'checking\na.ts: error one\nb.ts: error two\n' }))
    expect(reason).toBe('2 problems, the first: a.ts: error one')
  })

  it('gives the last line where no problem can be recognised', async () => {
    expect(await gate.check(runWith({ code: 1, output: 'something\nwent wrong\n' }))).toMatchObject({ failed: 1, reason: 'went wrong' })
  })

  it('says that it took too long', async () => {
    expect(await gate.check(runWith({ code: 137, timedOut: true }))).toMatchObject({ failed: 1, reason: 'did not end within 2 s' })
  })
})

describe('a suite', () => {
  const tally = { passed: 3, failed: 0, skipped: 0, failures: [] }
  const ran = { tally, code: 0, output: '', hasTimedOut: false, timeoutMs: 60_000 }

  it('passes with its tests', () => {
    expect(judgeSuite(ran)).toEqual({ passed: 3, failed: 0, output: '' })
  })

  it('tells of skipped tests', () => {
    expect(judgeSuite({ ...ran, tally: { ...tally, skipped: 2 } })).toMatchObject({ failed: 0, note: '2 skipped' })
  })

  it.each([
    ['no test ran', { tally: { ...tally, passed: 0 } }, 'no test ran'],
    ['it left no report', { tally: undefined }, 'no test ran'],
    ['its runner failed although every test passed', { code: 1, output: 'Error: a worker crashed\n' }, 'Error: a worker crashed'],
    ['it took too long', { hasTimedOut: true }, 'did not end within 1 min'],
    ['a test failed', { code: 1, tally: { ...tally, failed: 1, failures: ['adds: 1 is not 2'] } }, 'adds: 1 is not 2'],
  ])('fails when %s', (_how, change, reason) => {
    expect(judgeSuite({ ...ran, ...change })).toMatchObject({ failed: 1, reason })
  })
})

describe('the gate of real servers', () => {
  const suite = { name: 'services', check: async () => ({ passed: 3, failed: 0, output: 'tests', note: '2 skipped' }) }
  const ceph = { title: 'Ceph', purpose: 'S3', packages: ['radosgw', 'ceph-mon'], programs: [], units: [] }
  /** @param {boolean} isThere */
  const gate = (isThere) => servicesGate(suite, { ensure: async () => 'apt ', missing: () => (isThere ? [] : [ceph]) })

  it('runs its tests', async () => {
    expect(await gate(true).check(runWith())).toEqual({ passed: 3, failed: 0, output: 'apt tests', note: '2 skipped' })
  })

  it('says what could not be tested without a server, and how to get it', async () => {
    const { failed, note } = await gate(false).check(runWith())
    expect([failed, note]).toEqual([
      0,
      expect.stringMatching(/^2 skipped, without Ceph \(for S3\): `apt-get install --no-install-recommends radosgw ceph-mon`/),
    ])
  })

  it('fails without one on CI', async () => {
    expect(await gate(false).check({ ...runWith(), isCi: true })).toMatchObject({
      passed: 0,
      failed: 1,
      reason: expect.stringMatching(/^CI needs Ceph/),
    })
  })
})
