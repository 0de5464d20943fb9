import type { OperationRecord } from '../records/operation-records.js'

/**
 * The port to realtime: told of every change after it is committed, in the order of the commits.
 * Must not block and must not throw: a consumer that is slow or gone is the publisher's own concern.
 */
export interface StatusPublisher {
  publish(record: OperationRecord): void
  close(): void | Promise<void>
}
