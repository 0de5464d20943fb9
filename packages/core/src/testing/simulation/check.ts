import fc from 'fast-check'
import { simulate, type SimulationOptions, type Violation } from './run.js'
import type { Scenario } from './scenario.js'
import { scenarios } from './scenarios.js'

export interface CheckOptions extends SimulationOptions {
  /** How many scenarios. */
  readonly runs: number
  /** Of an earlier run, to see it again. @default chance */
  readonly seed?: number | undefined
  /** Of an earlier failure: plays that scenario alone. */
  readonly path?: string | undefined
  /** How to see a failure again, as a command. */
  readonly replay: (seed: number, path: string) => string
  /** Told after each scenario. */
  readonly onRun?: (() => void) | undefined
}

/** Plays scenarios until one breaks an invariant, shrinks that one, and answers what there is to say of it; `undefined` where all is well. */
export async function checkScenarios({ runs, seed, path, replay, onRun, ...options }: CheckOptions): Promise<string | undefined> {
  const property = fc.asyncProperty(scenarios, async (scenario) => {
    const violations = await simulate(scenario, options)
    onRun?.()
    return violations.length === 0
  })
  const details = await fc.check(property, { numRuns: runs, ...(seed !== undefined && { seed }), ...(path !== undefined && { path }) })
  const [scenario] = details.counterexample ?? []
  if (!details.failed || scenario === undefined) return undefined
  const lines: string[] = []
  const violations = await simulate(scenario, { ...options, log: (line) => lines.push(line) })
  return report(scenario, violations, lines, replay(details.seed, details.counterexamplePath ?? ''))
}

/** Lines of a log that a person reads; a run that goes on for ever has a hundred thousand. */
const SHOWN = { first: 150, last: 30 }

function report(scenario: Scenario, violations: readonly Violation[], lines: readonly string[], command: string): string {
  const broken = violations.map(({ invariant, what }) => `${what}\n    It should hold that ${invariant}.`)
  const left = lines.length - SHOWN.first - SHOWN.last
  const shown = left <= 0 ? lines : [...lines.slice(0, SHOWN.first), `… ${left} more lines …`, ...lines.slice(-SHOWN.last)]
  return [
    ...broken,
    '',
    'What happened:',
    ...shown,
    '',
    'The circumstances:',
    JSON.stringify(scenario.setting),
    '',
    `Again: ${command}`,
  ].join('\n')
}
