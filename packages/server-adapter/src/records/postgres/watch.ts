import { type Clock, repeat } from '../../clock.js'
import type { Logger } from '../../logger.js'
import type { Connection, Database } from './database.js'

/** How often it is looked at whether something is new, milliseconds: where a pooler keeps notifications back, and to find out that a connection is dead. */
const LOOK_MS = 1000
/** A connection that does not answer so simple a question for so long is dead, milliseconds. */
const DEAD_MS = 5000
/** Pauses between tries to connect again grow from and to, milliseconds. */
const RECONNECT_MS = { from: 100, to: 5000 }

export interface Watch {
  add(onChange: () => void): () => void
  close(): Promise<void>
}

export interface WatchOptions {
  readonly database: Database
  readonly channel: string
  /** Asks for the version that was given last. */
  readonly latestVersion: string
  readonly clock: Clock
  readonly logger: Logger
}

/** Listens on a connection of its own while anyone wants to hear. */
export function createWatch(options: WatchOptions): Watch {
  /** Each call is a listener of its own, also where two give the same function. */
  const listeners = new Set<{ readonly onChange: () => void }>()
  let listening: { stop(): Promise<void> } | undefined

  function tell(): void {
    for (const { onChange } of [...listeners]) onChange()
  }
  async function stop(): Promise<void> {
    const stopped = listening?.stop()
    listening = undefined
    await stopped
  }

  return {
    add(onChange) {
      const listener = { onChange }
      listeners.add(listener)
      listening ??= startListening(options, tell)
      return () => {
        listeners.delete(listener)
        if (listeners.size === 0) void stop()
      }
    },
    async close() {
      listeners.clear()
      await stop()
    },
  }
}

/** Calls back after each change, and after each time that it could not listen, until it is stopped. */
function startListening(
  { database, channel, latestVersion, clock, logger }: WatchOptions,
  onChange: () => void,
): { stop(): Promise<void> } {
  let isStopped = false
  /** Since it listened last. */
  let failures = 0
  const stopped = Promise.withResolvers<void>()

  /** Resolves when it is stopped, rejects when the connection breaks. */
  async function listenOn(connection: Connection): Promise<void> {
    const broken = Promise.withResolvers<never>()
    // It may break before anyone waits for it.
    broken.promise.catch(() => {})
    connection.on('notification', onChange)
    connection.on('end', () => broken.reject(new Error('The connection that listens has ended.')))
    await connection.query(`LISTEN ${channel}`, [], { deadlineMs: DEAD_MS })
    failures = 0
    onChange()
    let seen: string | null | undefined
    const stopLooking = repeat(clock, LOOK_MS, async () => {
      try {
        const [row] = await connection.query(latestVersion, [], { deadlineMs: DEAD_MS })
        if (row?.['sequence'] !== seen) onChange()
        seen = row?.['sequence']
      } catch (error) {
        broken.reject(error)
      }
    })
    try {
      await Promise.race([stopped.promise, broken.promise])
    } finally {
      stopLooking()
    }
  }

  async function run(): Promise<void> {
    while (!isStopped) {
      let connection: Connection | undefined
      try {
        connection = await database.connect()
        await listenOn(connection)
      } catch (error) {
        if (isStopped) return
        failures += 1
        if (failures === 1) logger.warn('Changes that other processes make cannot be heard at the moment. Trying again.', error)
      } finally {
        // Given back to the pool it would go on to listen.
        connection?.end()
      }
      const pauseMs = Math.min(RECONNECT_MS.from * 2 ** failures, RECONNECT_MS.to)
      await Promise.race([stopped.promise, new Promise<void>((resolve) => void clock.setTimeout(resolve, pauseMs))])
    }
  }

  const ended = run()
  return {
    stop() {
      isStopped = true
      stopped.resolve()
      return ended
    },
  }
}
