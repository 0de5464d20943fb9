import type { SyncStatusUpdate } from '@upload-panel/core/protocol'
import { Refusal } from '../errors.js'
import { createInFlight } from '../in-flight.js'
import type { Logger } from '../logger.js'
import { hasApplied, withKey } from '../manager/applied-keys.js'
import type { Operations } from '../manager/operations.js'
import { checkAmendment } from '../manager/read-amendment.js'
import type { OperationRecord, OperationRecords } from '../records/operation-records.js'
import type { ObjectStorage } from '../storage/object-storage.js'
import { isUpload } from '../uploads/upload-record.js'
import type { Uploads } from '../uploads/uploads.js'
import { nameOf } from './genuine.js'
import { hear, saidBy, type SpokenEvent } from './hear.js'
import { createReplays } from './replays.js'
import type { WebhookProvider, WebhookRequest } from './webhook.js'

/** What other servers say, turned into words on operations. */
export interface Webhooks {
  has(name: string): boolean
  /** Takes a request of another server. Refuses what is not genuine, and what makes no sense; an operation that is unknown is no reason to. */
  receive(name: string, request: WebhookRequest): Promise<void>
  /** Asks for the truth about an operation, as its client wants it at once. Answers its last word. */
  ask(name: string, record: OperationRecord): Promise<SyncStatusUpdate>
  /** Resolves once nothing is under way of what was received until now. */
  settled(): Promise<void>
}

export interface WebhooksOptions {
  readonly providers: Readonly<Record<string, WebhookProvider>>
  readonly records: OperationRecords
  readonly operations: Operations
  readonly uploads: Pick<Uploads, 'complete'>
  readonly storage: Pick<ObjectStorage, 'read'>
  /**
   * What a sender calls complete is looked into before it counts, where its bytes are: files are checked by their content, or processed here.
   * @default false
   */
  readonly looksIntoBytes?: boolean
  readonly logger: Logger
}

/** Deliveries that are known without a look into the records. */
const MAX_REPLAYS = 10_000

const BYTES_LOST = { code: 'bytes_lost', message: 'The stored bytes of this file are gone. Send it again.', retryable: true } as const

export function createWebhooks(options: WebhooksOptions): Webhooks {
  const { providers, records, operations, uploads, storage, looksIntoBytes = false, logger } = options
  const replays = createReplays(MAX_REPLAYS)
  const looks = createInFlight()

  function providerOf(name: string): WebhookProvider {
    const provider = Object.hasOwn(providers, name) ? providers[name] : undefined
    if (provider === undefined) throw new Refusal(404, 'unknown_route', 'There is nothing here.')
    return provider
  }

  async function apply(event: SpokenEvent, key?: string): Promise<void> {
    const { operationId } = event
    check(event)
    const outcome = await operations.change(operationId, (record) => {
      const heard = hasApplied(record, key) ? undefined : hear(record, event)
      return heard && withKey(heard, key)
    })
    if (outcome === undefined) logger.debug(`A webhook is about operation ${operationId}, which there is not.`)
  }

  /**
   * Without whoever told us waiting for it. Storage may tell of an object before it answers the request that makes it, as Ceph does: then whoever
   * completes the upload waits for storage, storage for this webhook, and this webhook, if it were to look, for its turn after them.
   */
  function later(work: () => Promise<void>): void {
    looks.track(work()).catch((error: unknown) => logger.error('The bytes that a webhook told of could not be looked at.', error))
  }

  /** What its sender has made of the bytes counts when they are taken here; a hook of ours that works on them says itself how that ends. */
  async function applyToBytes(event: SpokenEvent, key: string): Promise<void> {
    await lookAtBytes(event.operationId)
    const status = (await records.get(event.operationId))?.word.status
    if (status === 'completed' || status === 'failed') await apply(event, key)
  }

  async function lookAtBytes(operationId: string): Promise<void> {
    const record = await records.get(operationId)
    if (record === undefined || !isUpload(record)) return
    if (record.word.status === 'pending') {
      try {
        await uploads.complete(operationId)
      } catch (error) {
        // Not all of them have come, or they are others: the client is told when it asks.
        if (!(error instanceof Refusal)) throw error
        logger.debug(`Operation ${operationId} is not completed by its webhook: ${error.message}`)
      }
    } else if (record.upload.bytes === 'stored' && (await storage.read(operationId)) === undefined) {
      await apply({ kind: 'failed', operationId, error: BYTES_LOST, revokes: true })
    }
  }

  async function read(name: string, request: WebhookRequest) {
    try {
      return await providerOf(name).receive(request)
    } catch (error) {
      if (error instanceof Refusal) throw error
      // A mapping of the program's own that did not expect this.
      logger.error(`A webhook of ${name} could not be read.`, error)
      throw new Refusal(422, 'invalid_webhook', 'This webhook could not be read.')
    }
  }

  return {
    has: (name) => Object.hasOwn(providers, name),
    async receive(name, request) {
      const { id, events } = await read(name, request)
      const key = nameOf(Buffer.from(`${name}:${id}`))
      if (replays.has(key)) return
      for (const [index, event] of events.entries()) {
        const part = `${key}.${index}`
        if (event.kind === 'stored-bytes') later(() => lookAtBytes(event.operationId))
        else if (looksIntoBytes && hasBytes(event)) later(() => applyToBytes(event, part))
        else await apply(event, part)
      }
      // Only now: what could not be written is sent again, and then it counts.
      replays.add(key)
    },
    async ask(name, { word }) {
      const { ask } = providerOf(name)
      if (ask === undefined) await lookAtBytes(word.operation_id)
      for (const event of (await ask?.(word)) ?? []) {
        // Of no other operation than the one that the client may touch.
        if (event.operationId !== word.operation_id) continue
        if (event.kind === 'stored-bytes') await lookAtBytes(word.operation_id)
        else await apply(event)
      }
      return (await records.get(word.operation_id))?.word ?? word
    },
    settled: looks.settled,
  }
}

/** A result that is too large, or no JSON, such as a mapping of the program's own can make. */
function check(event: SpokenEvent): void {
  try {
    checkAmendment(saidBy(event))
  } catch (cause) {
    throw new Refusal(422, 'invalid_webhook', 'What this webhook says cannot be kept.', { cause })
  }
}

function hasBytes(event: SpokenEvent): boolean {
  return 'hasBytes' in event && event.hasBytes === true
}
