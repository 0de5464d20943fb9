import { MAX_SNAPSHOT_PAGE, parseSyncStatusUpdate, type SnapshotAnswer, type SnapshotRequest } from '../protocol/index.js'
import type { UploadItem } from '../item/item.js'
import { connectSync, type ConnectSync } from './sync-session.js'
import type { RealtimeTransport, TopicHandlers } from './transport.js'

/** What `followUploads` takes. */
export interface FollowOptions {
  /**
   * Asks the server how uploads stand, as `SyncStatusUpdate`s; those that it does not know are left out. Without it what was said while nobody
   * listened is lost, and a channel on which others may write (`authoritative: false`) can never end an upload.
   */
  readonly status?: (uploadIds: readonly string[], signal: AbortSignal) => Promise<readonly unknown[]>
}

/** The part of a backend that follows its uploads, without knowing of jobs. */
export interface Follow {
  readonly connectSync: ConnectSync
  snapshot(request: SnapshotRequest, signal: AbortSignal): Promise<SnapshotAnswer>
}

/**
 * Follows uploads to a server that knows each of them by an id, and nothing of our jobs: by one topic an upload, from the answer that names it
 * until it has ended.
 */
export function followUploads({ status }: FollowOptions = {}): Follow {
  return {
    async snapshot(request, signal) {
      const answers = 'ids' in request && request.ids.length > 0 ? await status?.(request.ids, signal) : undefined
      const operations = (answers ?? []).flatMap((raw) => {
        const update = parseSyncStatusUpdate(raw)
        return update.ok ? [update.value] : []
      })
      return { operations, cursor: '', more: false }
    },
    connectSync(options) {
      const { store } = options
      const topics = createTopics(options.transport)
      // Before the session hears of the change: it asks about what is followed.
      store.onCommit(({ before, after }) => {
        const [left, joined] = [followed(before), followed(after)]
        if (left === joined) return
        if (left !== undefined) topics.leave(left)
        if (joined !== undefined) topics.join(joined)
      })
      return connectSync({
        ...options,
        transport: topics.transport,
        async snapshot(request, signal) {
          if ('ids' in request) return options.snapshot(request, signal)
          const ids = topics.ids()
          const pages: SnapshotAnswer[] = []
          for (let start = 0; start < ids.length; start += MAX_SNAPSHOT_PAGE) {
            pages.push(await options.snapshot({ ids: ids.slice(start, start + MAX_SNAPSHOT_PAGE) }, signal))
          }
          return { operations: pages.flatMap(({ operations }) => operations), cursor: '', more: false }
        },
      })
    },
  }
}

/** The id by which the server's work on an item is followed. */
function followed(item: UploadItem | undefined): string | undefined {
  return item?.phase === 'processing' && !item.mirrored ? item.operationId : undefined
}

/** Turns a session's topics, of which each stands for a job, into one for each upload. */
function createTopics(transport: RealtimeTransport) {
  const unsubscribes = new Map<string, () => void>()
  /** Of the session, one for each of its jobs. Messages are read the same way by each. */
  const sessions = new Set<TopicHandlers>()
  const toAll: TopicHandlers = {
    onMessage(raw) {
      const [session] = sessions
      session?.onMessage(raw)
    },
    onSubscribed() {
      for (const session of sessions) session.onSubscribed()
    },
    onRefused(error) {
      for (const session of sessions) session.onRefused(error)
    },
  }

  function leave(id: string): void {
    unsubscribes.get(id)?.()
    unsubscribes.delete(id)
  }

  return {
    ids: () => [...unsubscribes.keys()],
    join(id: string): void {
      unsubscribes.set(id, () => {})
      unsubscribes.set(id, transport.subscribe({ kind: 'operation', id }, { ...toAll }))
    },
    leave,
    transport: {
      $connection: transport.$connection,
      authoritative: transport.authoritative,
      subscribe(_job, handlers) {
        sessions.add(handlers)
        // What is followed from its first moment on cannot have been missed.
        handlers.onSubscribed()
        return () => {
          sessions.delete(handlers)
          if (sessions.size === 0) for (const id of [...unsubscribes.keys()]) leave(id)
        }
      },
      wake: () => transport.wake(),
      dispose: () => transport.dispose(),
    } satisfies RealtimeTransport,
  }
}
