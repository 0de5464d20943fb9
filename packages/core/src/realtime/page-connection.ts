import { atom } from 'nanostores'
import type { Environment } from '../environment.js'
import { NOT_CONNECTED, type RealtimeFactory, type RealtimeTransport } from './transport.js'

/**
 * One realtime connection for all on a page that are given it, such as an uploader and a status monitor: over HTTP/1.1 each stream takes one of the six
 * connections that uploads need. What somebody follows is his own, and is refused to him alone; nobody closes what another one uses, and it is closed when
 * the last one is disposed of. All must be the same person's: it asks with the address and the headers that it was made with.
 *
 * @example
 * const realtime = pageConnection(sse({ url: '/uploads/events' }))
 * const uploader = createUploader({ backend: httpBackend({ url: '/uploads' }), realtime })
 * const status = createStatusMonitor({ backend: statusRoutes({ url: '/uploads' }), realtime })
 */
export function pageConnection(connect: RealtimeFactory): RealtimeFactory {
  /** Those who have followed something, and may again. */
  const users = new Set<Environment>()
  let transport: RealtimeTransport | undefined
  let cancelWake: (() => void) | undefined

  /** An uploader's network ends with it, and would wait for ever where a server asks to slow down: it is asked by one who is still here. */
  function open(environment: Environment): RealtimeTransport {
    const living: typeof fetch = (...request) => ([...users][0] ?? environment).fetch(...request)
    return (transport ??= connect({ environment: { ...environment, fetch: living } }))
  }

  return (context) => {
    const environment = { ...context.environment }
    const { authoritative, decode, $connection: $shared } = open(environment)
    const idle = { ...NOT_CONNECTED, transport: $shared.get().transport }
    const $connection = atom(idle)
    const ends = new Set<() => void>()
    let forget = () => {}

    return {
      $connection,
      authoritative,
      ...(decode !== undefined && { decode }),
      subscribe(topic, handlers) {
        const shared = open(environment)
        // Not before: an uploader that a framework makes and never uses is never disposed of either.
        if (!users.has(environment)) forget = shared.$connection.subscribe((status) => $connection.set(status))
        users.add(environment)
        const unsubscribe = shared.subscribe(topic, handlers)
        const end = () => {
          if (ends.delete(end)) unsubscribe()
        }
        ends.add(end)
        return end
      },
      wake() {
        // All of them hear that the page wakes, each in its turn: it is tried once.
        cancelWake ??= environment.clock.setTimeout(() => {
          cancelWake = undefined
          transport?.wake()
        }, 0)
      },
      dispose() {
        for (const end of ends) end()
        forget()
        $connection.set(idle)
        if (!users.delete(environment) || users.size > 0) return
        cancelWake?.()
        cancelWake = undefined
        transport?.dispose()
        transport = undefined
      },
    }
  }
}
