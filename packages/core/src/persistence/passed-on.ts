import type { Clock } from '../clock.js'
import type { QueueCommand } from './persistence.js'

type ItemCommand = Extract<QueueCommand, { readonly id: string }>

/** What was asked of another tab lately, for whoever goes on with the item should that tab have been gone. */
export interface PassedOn {
  add(command: ItemCommand): void
  /** In the order in which it was asked. */
  of(id: string): readonly ItemCommand[]
}

/** How long a tab may take until its end is known, in milliseconds: what was asked earlier has been done, and may have been undone since. */
const LATELY_MS = 5000

export function createPassedOn(clock: Clock): PassedOn {
  type Asked = readonly [at: number, command: ItemCommand]
  /** By item; those of which something was asked last at the end. */
  const asked = new Map<string, readonly Asked[]>()
  const isRecent = ([at]: Asked) => clock.now() - at < LATELY_MS
  const lately = (id: string) => (asked.get(id) ?? []).filter(isRecent)

  return {
    add(command) {
      const { id } = command
      const before = lately(id)
      asked.delete(id)
      asked.set(id, [...before, [clock.now(), command]])
      for (const [other, all] of asked) {
        if (all.some(isRecent)) break
        asked.delete(other)
      }
    },
    of: (id) => lately(id).map(([, command]) => command),
  }
}
