import type { Clock } from '../clock.js'
import type { Logger } from '../logger.js'
import type { Connections } from '../manager/connections.js'
import type { OperationRecord, OperationRecords } from '../records/operation-records.js'
import type { Access } from '../security/authorize.js'
import type { ClientAddresses } from '../security/client-address.js'
import type { CorsOptions } from '../security/cors.js'

/** What a publisher is given by the server that uses it. */
export interface PublisherContext {
  /** Whose a subscription is, and what it may hear. */
  readonly access: Access
  /** Knows who sent which request: for those that come another way than by `fetch`. */
  readonly addresses: Pick<ClientAddresses, 'note'>
  /** Other origins whose pages may use the server. */
  readonly origins: CorsOptions['origins']
  /** Those of them whose pages may do so as whoever the browser's cookies say. */
  readonly cookieOrigins: readonly string[]
  readonly records: OperationRecords
  readonly connections: Connections
  readonly clock: Clock
  readonly logger: Logger
}

/**
 * The port to realtime: told of every change after it is committed, by rising version. Of what is told late, in one go, or again after
 * a failure, only the newest state of each operation comes: a word is the whole state, and receivers drop what is not newer.
 */
export interface StatusPublisher {
  /** Names it in logs, and what it has told so far in the records: two of one kind need two names. */
  readonly name: string
  /**
   * `node`: every process tells its own listeners of all changes, whichever process made them; one that starts begins with what is new.
   * `cluster`: what one process tells reaches all listeners, so one of them does it, and goes on where the last one stopped.
   */
  readonly reach: 'node' | 'cluster'
  /** Called once, before anything is published. Rejects where an option is wrong; a channel that is down is no reason to. */
  open?(context: PublisherContext): Promise<void>
  /**
   * Resolves once the channel has taken the words. Rejects or throws where it has not: they are told again, later, and everything else waits for that; so what a
   * channel can never take it must pass over itself. Not called again before it has settled, or after 30 s without an answer.
   */
  publish(records: readonly OperationRecord[]): void | Promise<void>
  close(): void | Promise<void>
}
