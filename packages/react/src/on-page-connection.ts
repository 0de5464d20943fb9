import type { RealtimeFactory } from '@upload-panel/core'
import { pageConnection } from '@upload-panel/core/page-connection'

const connections = new WeakMap<RealtimeFactory, RealtimeFactory>()

/** The same options on one connection for the whole page: what is made of the same `realtime` shares it, in whichever component. */
export function onPageConnection<O extends { readonly realtime?: RealtimeFactory }>(options: O): O {
  const { realtime } = options
  if (realtime === undefined) return options
  const connection = connections.get(realtime) ?? pageConnection(realtime)
  connections.set(realtime, connection)
  return { ...options, realtime: connection }
}
