import type { SyncServer } from '../create-sync-server.js'
import { type NodeListener, toNodeListener } from './node.js'

/**
 * A handler for Express, versions 4 and 5. Mount it **above** `express.json()` and other body parsers: it reads bodies itself, as streams,
 * and answers `body_consumed` where one was read before. It answers everything below its path; what is unknown there is a problem document (404).
 *
 * @example
 * const app = express()
 * app.use('/uploads', toExpressHandler(sync))
 * app.use(express.json())
 * const server = app.listen(8787)
 * server.requestTimeout = 0 // Node ends a request after five minutes, however fast its bytes still come
 */
export function toExpressHandler(sync: Pick<SyncServer, 'fetch'>): NodeListener {
  // Express has taken the path that it is mounted at off the URL.
  return toNodeListener(sync)
}
