import type { UploaderOptions } from '../../options.js'
import { INVARIANTS } from './invariants.js'
import { memorySimulatedServer } from './memory-simulated-server.js'
import type { Scenario } from './scenario.js'
import { lookAgain, playScript } from './script.js'
import type { SimulatedServerFactory } from './simulated-server.js'
import { createWorld, type World } from './world.js'

export interface SimulationOptions {
  /** The server that takes part. @default one in memory */
  readonly server?: SimulatedServerFactory
  /** Replaces options of every uploader, such as `backend` and `strategies` of your own; is given those that it would have. */
  readonly options?: (defaults: UploaderOptions) => Partial<UploaderOptions>
  /** Takes what happened, line by line. */
  readonly log?: (line: string) => void
}

/** An invariant that did not hold. */
export interface Violation {
  /** What holds in every run. */
  readonly invariant: string
  /** What broke it in this one. */
  readonly what: string
}

/** Plays one scenario and answers what did not hold: nothing, if all is well. */
export async function simulate(
  scenario: Scenario,
  { server = memorySimulatedServer, options, log }: SimulationOptions = {},
): Promise<readonly Violation[]> {
  const violations = new Map<string, Violation>()
  const report = (invariant: string) => (what: string) => {
    log?.(`!! ${what}`)
    violations.set(what, { invariant, what })
  }
  const watches = INVARIANTS.map(({ name, watch }) => watch(() => world, report(name)))
  const world: World = await createWorld(scenario, {
    createServer: server,
    options,
    log,
    observer: {
      opened: (page) => watches.forEach((watch) => watch.opened?.(page)),
      requested: (exchange) => watches.forEach((watch) => watch.requested?.(exchange)),
      answered: (...answer) => watches.forEach((watch) => watch.answered?.(...answer)),
      leaving: (...leaving) => watches.forEach((watch) => watch.leaving?.(...leaving)),
      looked: () => watches.forEach((watch) => watch.looked?.()),
      disposed: (page) => watches.forEach((watch) => watch.disposed?.(page)),
    },
  })
  try {
    await playScript(world, scenario)
    for (const watch of watches) watch.waited?.()
    await lookAgain(world)
    for (const watch of watches) await watch.rested?.()
    for (const page of world.pages()) await world.leave(page)
    const { count } = world.network
    await world.clock.advance(60_000)
    if (world.network.count > count) report('nothing survives dispose()')('Requests were made after the last page was closed.')
  } catch (thrown) {
    report('nothing throws, and nothing goes on for ever')(thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown))
  } finally {
    await world.close()
  }
  return [...violations.values()]
}
