import { type Daemon, startDaemon } from './daemon.ts'
import type { Acknowledged } from './sync-node-words.ts'

/** A process of the server adapter, which can be killed and begun anew. */
export interface SyncNode {
  /** All that it has acknowledged, of all its runs, in order. */
  readonly acknowledged: readonly Acknowledged[]
  /** Runs it, until it serves. */
  start(): Promise<void>
  /** SIGKILL. What it printed before is known afterwards. */
  kill(): Promise<void>
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void
  /** Resolves when so many words more are acknowledged, or when all its jobs are done: then true. */
  acknowledges(more: number): Promise<boolean>
}

const LISTENS = 'It listens.'
const DONE = 'All jobs are done.'

/** @param program as `compile` made it of `sync-node-program.ts` */
export function createSyncNode(program: string, args: readonly string[]): SyncNode {
  const acknowledged: Acknowledged[] = []
  const looks = new Set<() => void>()
  let isServing = false
  let isDone = false
  let daemon: Daemon | undefined

  function hear(line: string): void {
    const text = line.slice(line.indexOf(': ') + 2)
    if (text === LISTENS) isServing = true
    else if (text === DONE) isDone = true
    else if (text.startsWith('{"operation_id"')) acknowledged.push(JSON.parse(text))
    for (const look of looks) look()
  }

  return {
    acknowledged,
    async start() {
      isServing = false
      daemon = startDaemon(process.execPath, [program, ...args], hear)
      await daemon.ready(async () => isServing || isDone)
    },
    async kill() {
      await daemon?.kill()
      await daemon?.closed
    },
    signal: (signal) => daemon?.signal(signal),
    acknowledges: (more) =>
      new Promise((resolve) => {
        const enough = acknowledged.length + more
        const look = () => {
          if (!isDone && acknowledged.length < enough) return
          looks.delete(look)
          resolve(isDone)
        }
        looks.add(look)
        look()
      }),
  }
}
