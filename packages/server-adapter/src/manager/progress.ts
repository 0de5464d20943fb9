import type { Clock } from '../clock.js'
import { type Coalescer, createCoalescer } from '../coalesce.js'
import { Refusal } from '../errors.js'
import type { Logger } from '../logger.js'
import type { Word } from '../records/operation-records.js'
import type { Amendment } from './operations.js'

/** Gathers what jobs say of their progress, so that a loop that tells of each item costs some writes a second and not thousands. */
export interface Progress {
  /** Writes at once where nothing was for a while; else the change is gathered, and the answer is the last word that is kept. The last change is always written. */
  report(operationId: string, amendment: Amendment): Promise<Word>
  /** What waits to be written of an operation, for whoever writes it together with something else. What is under way is written first. */
  take(operationId: string): Promise<Amendment>
  /** What was taken and could not be written waits again, under what has been said since. Where it fails once more, it is dropped: whoever took it was told. */
  putBack(operationId: string, amendment: Amendment): void
  /** Writes all that waits. */
  flush(): Promise<void>
}

export interface ProgressOptions {
  readonly clock: Clock
  readonly logger: Logger
  readonly writesPerSecond: number
  write(operationId: string, amendment: Amendment): Promise<Word>
}

interface Reported {
  readonly news: Coalescer<Amendment>
  /** The last word that is kept. */
  kept: Promise<Word>
}

/** Keeps an operation in mind only as long as something is said of it. */
export function createProgress({ clock, logger, writesPerSecond, write }: ProgressOptions): Progress {
  const operations = new Map<string, Reported>()

  function open(operationId: string): Reported {
    const first = Promise.withResolvers<Word>()
    let isFirst = true
    const news = createCoalescer<Amendment>({
      clock,
      intervalMs: 1000 / writesPerSecond,
      onIdle: () => void operations.delete(operationId),
      async write(amendment) {
        try {
          const word = await write(operationId, amendment)
          first.resolve(word)
          reported.kept = Promise.resolve(word)
        } catch (error) {
          if (isFirst) {
            // All who have spoken so far wait for this answer: they know, and may say it again.
            operations.delete(operationId)
            news.stop()
            first.reject(error)
          } else if (error instanceof Refusal) {
            logger.debug(`The progress of operation ${operationId} was not written.`, error)
          } else {
            logger.warn(`The progress of operation ${operationId} could not be written yet.`, error)
            news.putBack(amendment)
          }
        } finally {
          isFirst = false
        }
      },
    })
    const reported: Reported = { news, kept: first.promise }
    operations.set(operationId, reported)
    return reported
  }

  return {
    report(operationId, amendment) {
      const reported = operations.get(operationId) ?? open(operationId)
      reported.news.push(amendment)
      return reported.kept
    },
    putBack(operationId, amendment) {
      const reported = operations.get(operationId) ?? open(operationId)
      reported.news.putBack(amendment)
      reported.kept.catch(() => {})
    },
    take: async (operationId) => (await operations.get(operationId)?.news.take()) ?? {},
    async flush() {
      await Promise.all([...operations.values()].map(({ news }) => news.flush()))
    },
  }
}
