import { atom } from 'nanostores'
import type { Environment } from '../environment.js'
import { NOT_CONNECTED, type RealtimeFactory, type RealtimeTransport } from './transport.js'

/** Those who share a connection have all heard of a wake-up within this time, in milliseconds. */
const WAKE_MS = 20

const connections = new WeakMap<RealtimeFactory, RealtimeFactory>()

/**
 * One realtime connection for all on a page that are given it, such as an uploader and a status monitor: over HTTP/1.1 each stream takes one of the six
 * connections that uploads need. What somebody follows is his own, and is refused to him alone; nobody closes what another one uses, and it is closed when
 * the last one is disposed of. All must be the same person's: it asks with the address and the headers that it was made with. The same `connect` gives the
 * same connection.
 *
 * @example
 * const realtime = pageConnection(sse({ url: '/uploads/events' }))
 * const uploader = createUploader({ backend: httpBackend({ url: '/uploads' }), realtime })
 * const status = createStatusMonitor({ backend: statusRoutes({ url: '/uploads' }), realtime })
 */
export function pageConnection(connect: RealtimeFactory): RealtimeFactory {
  const known = connections.get(connect)
  if (known !== undefined) return known
  /** Those who have followed something, and may again. */
  const users = new Set<Environment>()
  let transport: RealtimeTransport | undefined
  let wokeAt = -Infinity

  const shared: RealtimeFactory = (context) => {
    const environment = { ...context.environment }
    const open = () =>
      (transport ??= connect({
        environment: {
          ...environment,
          fetch(...request) {
            // By one who is still here: the network of an uploader that has ended would wait for ever where a server asks to slow down.
            const [user = environment] = users
            return user.fetch(...request)
          },
        },
      }))
    const first = open()
    const idle = { ...NOT_CONNECTED, transport: first.$connection.get().transport }
    const $connection = atom(idle)
    const ends = new Set<() => void>()

    return {
      ...first,
      $connection,
      subscribe(topic, handlers) {
        const current = open()
        // Not before: an uploader that a framework makes and never uses is never disposed of either.
        if (!users.has(environment)) ends.add(current.$connection.subscribe((status) => $connection.set(status)))
        users.add(environment)
        const end = current.subscribe(topic, handlers)
        ends.add(end)
        return () => {
          if (ends.delete(end)) end()
        }
      },
      wake() {
        const now = environment.clock.now()
        // All of them hear that the page wakes, one after the other: it is tried once.
        if (Math.abs(now - wokeAt) < WAKE_MS) return
        wokeAt = now
        transport?.wake()
      },
      dispose() {
        for (const end of ends) end()
        ends.clear()
        $connection.set(idle)
        if (!users.delete(environment) || users.size > 0) return
        transport?.dispose()
        transport = undefined
      },
    }
  }
  connections.set(connect, shared)
  return shared
}
