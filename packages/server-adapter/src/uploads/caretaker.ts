import type { Clock } from '../clock.js'
import { createInFlight } from '../in-flight.js'
import type { Logger } from '../logger.js'
import type { OperationRecords } from '../records/operation-records.js'
import type { ObjectStorage } from '../storage/object-storage.js'
import type { Abandoned } from './abandoned.js'
import { isUpload, type UploadRecord } from './upload-record.js'

/** Looks after what no request comes for: what a crash left, and what nobody came back to. */
export interface Caretaker {
  /** Looks at what an earlier run left. Called before the first request. */
  load(): Promise<void>
  /** Goes on with operations that were being processed, and frees the space of uploads that are no more. Never rejects. */
  recover(): Promise<void>
  /** Ends the wait for bytes that are overdue, goes on with work that another process had begun, and once a day frees space. Never rejects. */
  sweep(): Promise<void>
  /** Goes on with work that another process had begun. Never rejects. */
  adopt(): Promise<void>
  /** Makes what is under way end soon, and waits for it. */
  stop(): Promise<void>
}

export interface CaretakerOptions {
  readonly records: OperationRecords
  readonly storage: ObjectStorage
  readonly abandoned: Abandoned
  readonly clock: Clock
  readonly logger: Logger
}

const PAGE = 200
/**
 * How long clients have to come back after a start, milliseconds. One whose last byte had arrived, but not the answer, sends it again and then completes the upload
 * itself; only when none comes are the bytes taken over.
 */
const COME_BACK_MS = 120_000
/** How often a server that runs for months looks for bytes that nobody needs, milliseconds. */
const FREE_SPACE_MS = 24 * 60 * 60_000

export function createCaretaker({ records, storage, abandoned, clock, logger }: CaretakerOptions): Caretaker {
  const underWay = createInFlight()
  let isStopped = false
  let lastVersion = 0
  let spaceFreedAtMs = clock.now()
  let cancelTakeOver = () => {}

  /** One operation that goes wrong must not keep the others from being looked after. */
  async function attempt(what: string, work: () => Promise<void>): Promise<boolean> {
    try {
      await work()
      return true
    } catch (error) {
      if (!isStopped) logger.error(`${what} failed.`, error)
      return false
    }
  }

  async function expireOverdue(): Promise<void> {
    let isGettingOn = true
    while (isGettingOn && !isStopped) {
      const page = await records.overdue(clock.now(), PAGE)
      isGettingOn = false
      for (const { word } of page) {
        if (isStopped) return
        if (await attempt(`Expiring operation ${word.operation_id}`, () => abandoned.expire(word.operation_id))) isGettingOn = true
      }
    }
  }

  /** Does something with every upload that has not ended. */
  async function eachUnfinished(what: string, work: (record: UploadRecord) => Promise<void>): Promise<void> {
    let afterId = ''
    while (!isStopped) {
      const page = await records.unfinished({ afterId, limit: PAGE })
      for (const record of page) {
        afterId = record.word.operation_id
        if (isStopped) return
        if (isUpload(record)) await attempt(`${what} operation ${afterId}`, () => work(record))
      }
      if (page.length < PAGE) return
    }
  }

  /** A crash between the word that an upload is over and the deletion of its bytes leaves them behind; so does storage that could not be reached just then. */
  async function freeSpace(): Promise<void> {
    spaceFreedAtMs = clock.now()
    for await (const operationId of storage.unsealed()) {
      if (isStopped) return
      const record = await records.get(operationId)
      const isNeeded = record !== undefined && (record.word.status === 'pending' || record.upload?.bytes === 'stored')
      if (!isNeeded) await storage.discard(operationId)
    }
  }

  /** Knows what is under way, and logs what goes wrong in it. */
  const run = (what: string, work: () => Promise<void>) => underWay.track(attempt(what, work)).then(() => {})

  return {
    async load() {
      lastVersion = await records.latestVersion()
    },
    recover() {
      cancelTakeOver = clock.setTimeout(() => {
        void run('Taking over bytes', () => eachUnfinished('Taking over', ({ word }) => abandoned.takeOver(word.operation_id, lastVersion)))
      }, COME_BACK_MS)
      return run('Recovery', async () => {
        await eachUnfinished('Resuming', ({ word }) => abandoned.resume(word.operation_id, lastVersion))
        await expireOverdue()
        await freeSpace()
      })
    },
    sweep: () =>
      run('Sweeping', async () => {
        await expireOverdue()
        await eachUnfinished('Adopting', abandoned.adopt)
        // Beside the sweeps, which others wait for.
        if (clock.now() - spaceFreedAtMs >= FREE_SPACE_MS) void run('Freeing space', freeSpace)
      }),
    adopt: () => run('Adopting', () => eachUnfinished('Adopting', abandoned.adopt)),
    async stop() {
      isStopped = true
      cancelTakeOver()
      await underWay.settled()
    },
  }
}
