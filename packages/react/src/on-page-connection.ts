import type { RealtimeFactory } from '@upload-panel/core'
import { pageConnection } from '@upload-panel/core/page-connection'

/** The same options on one connection for the whole page: what is made of the same `realtime` shares it, in whichever component. */
export const onPageConnection = <O extends { readonly realtime?: RealtimeFactory }>(options: O): O => ({
  ...options,
  ...(options.realtime && { realtime: pageConnection(options.realtime) }),
})
