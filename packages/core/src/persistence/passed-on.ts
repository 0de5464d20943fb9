import type { Clock } from '../clock.js'
import type { QueueCommand } from './persistence.js'

type ItemCommand = Extract<QueueCommand, { readonly id: string }>

/** What was asked of other tabs lately, for whoever goes on with their items should they have been gone. */
export interface PassedOn {
  add(command: ItemCommand): void
  /** In the order in which it was asked. */
  lately(): readonly ItemCommand[]
}

/** How long a tab may take until its end is known, in milliseconds: what was asked earlier has been done, and may have been undone since. */
const LATELY_MS = 5000

export function createPassedOn(clock: Clock): PassedOn {
  let asked: (readonly [at: number, command: ItemCommand])[] = []
  const since = (at = 0) => clock.now() - at
  return {
    add(command) {
      // All are old if the last one is.
      if (since(asked.at(-1)?.[0]) >= LATELY_MS) asked = []
      asked.push([clock.now(), command])
    },
    lately: () => asked.flatMap(([at, command]) => (since(at) < LATELY_MS ? [command] : [])),
  }
}
