import type { RealtimeFactory, RealtimeTransport } from './transport.js'

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
  const users = new Set<Parameters<RealtimeFactory>[0]>()
  let transport: RealtimeTransport | undefined
  let cancelWake: (() => void) | undefined

  return (context) => {
    const user = { ...context }
    const { environment } = user
    const ends = new Set<() => void>()
    users.add(user)
    // An uploader's network ends with it: from then on it would wait for ever where a server asks to slow down.
    const ofLiving: typeof fetch = (...call) => ([...users][0] ?? user).environment.fetch(...call)
    const shared = (transport ??= connect({ environment: { ...environment, fetch: ofLiving } }))
    const { $connection, authoritative, decode } = shared
    return {
      $connection,
      authoritative,
      ...(decode !== undefined && { decode }),
      subscribe(topic, handlers) {
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
        users.delete(user)
        if (users.size > 0 || transport !== shared) return
        cancelWake?.()
        cancelWake = transport = undefined
        shared.dispose()
      },
    }
  }
}
