import type { Clock } from '../clock.js'
import type { QueueCommand } from './persistence.js'

type ItemCommand = Extract<QueueCommand, { readonly id: string }>

/** What was asked of other tabs lately, for whoever goes on with their items should they have been gone. */
export interface PassedOn {
  /** `owner`: the tab that was asked. */
  add(command: ItemCommand, owner: string): void
  /** What the tab that has an item now was not asked itself, in the order in which it was asked. */
  lately(id: string, owner: string): readonly ItemCommand[]
}

/** How long a tab may take until its end is known, in milliseconds: what was asked earlier has been done, and may have been undone since. */
const LATELY_MS = 5000

export function createPassedOn(clock: Clock): PassedOn {
  let asked: { readonly at: number; readonly command: ItemCommand; readonly owner: string }[] = []
  const since = (at = 0) => clock.now() - at
  return {
    add(command, owner) {
      // All are old if the last one is.
      if (since(asked.at(-1)?.at) >= LATELY_MS) asked = []
      asked.push({ at: clock.now(), command, owner })
    },
    lately: (id, owner) =>
      asked.flatMap((one) => (one.command.id === id && one.owner !== owner && since(one.at) < LATELY_MS ? [one.command] : [])),
  }
}
