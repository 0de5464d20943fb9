import { describe, expect, it } from 'vitest'
import type { PutPlan } from './protocol/index.js'
import { put } from './strategies/put.js'
import type { UploadStrategy } from './strategies/strategy.js'
import { checkScenarios, simulate, type Scenario, type Setting } from './testing/simulation/index.js'

/** The same scenarios each time, so that a change is judged by what it changed. `npm run simulate` draws others. */
const SEED = 20_261_121
const TIMEOUT_MS = 300_000

const replay = (seed: number, path: string) => `npm run simulate -- --seed ${seed} --path "${path}"`

const SETTING: Setting = {
  seed: 1,
  sizes: [3, 19, 8],
  concurrency: 2,
  requestSlots: 2,
  attempts: 3,
  processingDeadlineMs: 20_000,
  persistence: 'tabs',
  hooks: 'none',
  authoritative: true,
  isUnversioned: false,
  stampMs: 1,
  skewsMs: [0],
  latencyMs: 20,
  byteMs: 5,
  workMs: 200,
  urlExpiresS: 30,
  isRealtimeHealed: true,
  isUserThere: true,
}

async function logOf(scenario: Scenario): Promise<readonly string[]> {
  const lines: string[] = []
  await simulate(scenario, { log: (line) => lines.push(line) })
  return lines
}

describe('whatever the network, the server, the tabs and the user do', () => {
  it(
    'every file ends in one way, nothing is lost or sent twice, and nothing is left',
    async () => {
      expect(await checkScenarios({ runs: 1700, seed: SEED, replay })).toBeUndefined()
    },
    TIMEOUT_MS,
  )
})

describe('a simulation', () => {
  it('plays a script the same way each time', async () => {
    const scenario: Scenario = {
      setting: SETTING,
      steps: [
        { after: 20, do: 'request', route: 'bytes', fate: 'reset' },
        { after: 50, do: 'user', which: 1, what: 'pause', number: 0 },
        { after: 300, do: 'page', which: 0, what: 'reload' },
        { after: 1000, do: 'message', fate: 'late' },
      ],
    }
    const lines = await logOf(scenario)
    expect(lines.length).toBeGreaterThan(30)
    expect(await logOf(scenario)).toEqual(lines)
  })

  it('finds what breaks an invariant, and says what, how, and how to see it again', async () => {
    /** Sends as many bytes as the file has, but not those of the file. */
    const forgetful: UploadStrategy<PutPlan> = {
      ...put,
      upload: (source, plan, context) =>
        put.upload({ ...source, size: source.size, slice: (start, end) => new Blob([new Uint8Array(end - start)]) }, plan, context),
    }
    const check = { runs: 50, seed: 1, replay, options: () => ({ strategies: [forgetful] }) }
    const report = await checkScenarios(check)
    expect(report).toMatch(/^The server's \d bytes of operation-(\d) are not those of file-\1\.\n/)
    expect(report).toContain('It should hold that what the server holds is the file, byte by byte.')
    expect(report).toMatch(/page1: PUT bytes of operation-\d: 200/)
    const path = /Again: npm run simulate -- --seed 1 --path "([\d:]+)"$/.exec(report ?? '')?.[1]
    expect(await checkScenarios({ ...check, path })).toBe(report)
  })
})
