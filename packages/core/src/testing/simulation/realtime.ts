import type { Clock } from '../../clock.js'
import type { SyncStatusUpdate } from '../../protocol/index.js'
import type { Page } from './page.js'
import type { MessageFate, Setting } from './scenario.js'

/** How late a late message is: after whatever was said meanwhile. */
const LATE_MS = 3000
/** A version that no server of the simulation reaches. */
const LATER = 1_000_000
const FORGED_END = { status: 'completed', result: 'forged' }
const FORGED_PROGRESS = { status: 'in_progress', progress: 1 }

/** The realtime channel: loses, repeats, delays and forges as the script says. */
export function createRealtime(options: {
  readonly clock: Clock
  readonly setting: Setting
  readonly pages: () => readonly Page[]
  readonly log: (line: () => string) => void
}) {
  const { clock, setting, pages, log } = options
  const fates: MessageFate[] = []
  let isConnected = true
  let isWorking = true

  function apply(page: Page): void {
    page.run(() => {
      const isUp = page.transport.isConnected()
      if (isConnected && isWorking && !isUp) page.transport.connect()
      else if (!(isConnected && isWorking) && isUp) page.transport.disconnect()
    })
  }
  function applyAll(): void {
    for (const page of pages()) apply(page)
  }
  function deliver(page: Page, message: unknown, afterMs: number): void {
    clock.setTimeout(() => page.run(() => page.transport.deliver(message)), afterMs)
  }

  return {
    /** The server publishes a word. */
    send(update: SyncStatusUpdate): void {
      const fate = fates.shift()
      if (fate !== undefined) log(() => `message on ${update.operation_id}: ${fate}`)
      const { version: _, ...bare } = update
      for (const page of pages()) {
        const isSubscribed = page.transport.topics.some((topic) => topic.kind === 'all' || topic.id === update[`${topic.kind}_id`])
        if (!isSubscribed || !page.transport.isConnected() || fate === 'lost') continue
        if (fate === 'garbage') deliver(page, '<html>not found</html>', setting.latencyMs)
        // Where others can write, somebody lies.
        if (!setting.authoritative && fate === 'forged end') deliver(page, { ...update, ...FORGED_END, version: LATER }, setting.latencyMs)
        if (!setting.authoritative && fate === 'forged progress')
          deliver(page, { ...update, ...FORGED_PROGRESS, version: LATER }, setting.latencyMs)
        deliver(page, fate === 'bare' ? bare : update, setting.latencyMs + (fate === 'late' ? LATE_MS : 0))
        if (fate === 'twice') deliver(page, update, setting.latencyMs + LATE_MS)
      }
    },
    /** The next message ends like this. */
    nextFate: (fate: MessageFate) => void fates.push(fate),
    setConnected(value: boolean) {
      isConnected = value
      applyAll()
    },
    setWorking(value: boolean) {
      isWorking = value
      applyAll()
    },
    welcome: apply,
    heal() {
      fates.length = 0
    },
  }
}
