import { socketIo } from '@upload-panel/core/socket-io'
import { sse } from '@upload-panel/core/sse'
import { stomp } from '@upload-panel/core/stomp'
import { supabase } from '@upload-panel/core/supabase'

/** Each transport as a page makes it. @type {Record<string, (base: string) => import('@upload-panel/core').UploaderOptions['realtime']>} */
export const transports = {
  sse: (base) => sse({ url: `${base}/events` }),
  'socket-io': (base) => socketIo({ url: base }),
  stomp: (base) => stomp({ url: `${base.replace('http', 'ws')}/stomp` }),
  supabase: (base) => supabase({ url: base, key: 'key' }),
}
