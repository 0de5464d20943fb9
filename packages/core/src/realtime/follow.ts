import type { UploadError } from '../errors.js'
import { decodeBy, MAX_SNAPSHOT_PAGE, type Decode, type SnapshotAnswer, type SnapshotRequest } from '../protocol/index.js'
import type { UploadItem } from '../item/item.js'
import { connectSync, type ConnectSync } from './sync-session.js'
import type { RealtimeTransport, Topic, TopicHandlers } from './transport.js'

/** What `followUploads` takes. */
export interface FollowOptions {
  /**
   * Asks the server how uploads stand, as `SyncStatusUpdate`s; those that it does not know are left out. Without it what was said while nobody
   * listened is lost, and a channel on which others may write (`authoritative: false`) can never end an upload.
   */
  readonly status?: (uploadIds: readonly string[], signal: AbortSignal) => Promise<readonly unknown[]>
  /** How what `status` answers is read, such as `jobProgress`. @default `SyncStatusUpdate`s */
  readonly decode?: Decode
  /** Where the server tells of an upload. Several may share a topic; `jobId` is the uploader's. @default `{ kind: 'operation', id: uploadId }` */
  readonly topic?: (uploadId: string, jobId: string) => Topic
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
export function followUploads({ status, decode, topic = (id) => ({ kind: 'operation', id }) }: FollowOptions = {}): Follow {
  return {
    async snapshot(request, signal) {
      const answers = 'ids' in request && request.ids.length > 0 ? await status?.(request.ids, signal) : undefined
      const operations = (answers ?? []).flatMap((raw) => {
        try {
          return [decodeBy(decode, raw).update]
        } catch {
          // One upload that cannot be read must not hide the others.
          return []
        }
      })
      return { operations, cursor: '', more: false }
    },
    connectSync(options) {
      const { store, jobId } = options
      const rooms = createRooms(options.transport, topic)
      let isDisposed = false
      // Before the session hears of the change: it asks about what is followed.
      store.onCommit(({ before, after }) => {
        const [left, joined] = [followed(before), followed(after)]
        if (left === joined || isDisposed) return
        if (left !== undefined) rooms.leave(left)
        if (joined !== undefined) rooms.join(joined, after?.jobId ?? jobId)
      })
      const session = connectSync({
        ...options,
        transport: rooms.transport,
        async snapshot(request, signal) {
          const ids = 'ids' in request ? request.ids.filter(rooms.has) : rooms.toAsk('job_id' in request ? request.job_id : jobId)
          const operations = []
          for (let start = 0; start < ids.length; start += MAX_SNAPSHOT_PAGE) {
            const answer = await options.snapshot({ ids: ids.slice(start, start + MAX_SNAPSHOT_PAGE) }, signal)
            operations.push(...answer.operations)
          }
          return { operations, cursor: '', more: false }
        },
      })
      // After it: whose room was joined at once can be asked about only now.
      store.onCommit(({ before, after }) => {
        const joined = followed(after)
        if (joined !== undefined && joined !== followed(before)) rooms.tell(joined)
      })
      return {
        ...session,
        dispose() {
          isDisposed = true
          session.dispose()
        },
      }
    },
  }
}

/** The id by which the server's work on an item is followed. */
function followed(item: UploadItem | undefined): string | undefined {
  return item?.phase === 'processing' && !item.mirrored ? item.operationId : undefined
}

/** A topic of the server, and those of our uploads of which it tells. */
interface Room {
  readonly ids: Set<string>
  isJoined: boolean
  refusal: UploadError | undefined
  unsubscribe(): void
}

/** Turns a session's topics, of which each stands for a job, into those of its uploads. */
function createRooms(transport: RealtimeTransport, topicOf: (id: string, jobId: string) => Topic) {
  const rooms = new Map<string, Room>()
  const uploads = new Map<string, { readonly jobId: string; readonly key: string; readonly room: Room }>()
  /** Of the session, one for each of its jobs. Messages are read the same way by each. */
  const sessions = new Map<string, TopicHandlers>()
  /** Words about these may have been missed. */
  const unasked = new Set<string>()

  /** The same for all rooms: a transport gives a message once to each receiver, and what is of no room that it can tell may be of any. */
  function onMessage(raw: unknown, bytes?: number): void {
    const [session] = sessions.values()
    session?.onMessage(raw, bytes)
  }

  /** A job is heard in full when none of its rooms is refused. */
  function tellSubscribed(jobId: string): void {
    for (const upload of uploads.values()) if (upload.jobId === jobId && upload.room.refusal !== undefined) return
    sessions.get(jobId)?.onSubscribed()
  }

  function jobsIn(room: Room): ReadonlySet<string> {
    return new Set([...room.ids].flatMap((id) => uploads.get(id)?.jobId ?? []))
  }

  function open(key: string, topic: Topic): Room {
    const room: Room = { ids: new Set(), isJoined: false, refusal: undefined, unsubscribe() {} }
    rooms.set(key, room)
    room.unsubscribe = transport.subscribe(topic, {
      onMessage,
      onSubscribed() {
        room.isJoined = true
        room.refusal = undefined
        for (const id of room.ids) unasked.add(id)
        for (const jobId of jobsIn(room)) tellSubscribed(jobId)
      },
      onRefused(error) {
        room.refusal = error
        for (const jobId of jobsIn(room)) sessions.get(jobId)?.onRefused(error)
      },
    })
    return room
  }

  function leave(id: string): void {
    const upload = uploads.get(id)
    if (upload === undefined) return
    const { jobId, key, room } = upload
    uploads.delete(id)
    unasked.delete(id)
    room.ids.delete(id)
    if (room.refusal !== undefined) tellSubscribed(jobId)
    if (room.ids.size > 0) return
    rooms.delete(key)
    room.unsubscribe()
  }

  return {
    has: (id: string) => uploads.has(id),
    /** Those of a job about which words may have been missed; all of them where that is said of none, or those could not be asked about. */
    toAsk(jobId: string): readonly string[] {
      const ids = [...uploads.keys()].filter((id) => uploads.get(id)?.jobId === jobId)
      const missed = ids.filter((id) => unasked.delete(id))
      return missed.length > 0 ? missed : ids
    },
    join(id: string, jobId: string): void {
      const topic = topicOf(id, jobId)
      const key = `${topic.kind} ${'id' in topic ? topic.id : ''}`
      const room = rooms.get(key) ?? open(key, topic)
      room.ids.add(id)
      uploads.set(id, { jobId, key, room })
      if (room.refusal !== undefined) return sessions.get(jobId)?.onRefused(room.refusal)
      if (room.isJoined) unasked.add(id)
    },
    /** Has the session ask about an upload, if words about it may have been missed. */
    tell(id: string): void {
      const upload = uploads.get(id)
      if (upload !== undefined && unasked.has(id)) tellSubscribed(upload.jobId)
    },
    leave,
    transport: {
      $connection: transport.$connection,
      authoritative: transport.authoritative,
      ...(transport.decode !== undefined && { decode: transport.decode }),
      subscribe(job, handlers) {
        const jobId = 'id' in job ? job.id : ''
        sessions.set(jobId, handlers)
        // What is followed from its first moment on cannot have been missed.
        tellSubscribed(jobId)
        return () => {
          sessions.delete(jobId)
          if (sessions.size === 0) for (const id of [...uploads.keys()]) leave(id)
        }
      },
      wake: () => transport.wake(),
      dispose: () => transport.dispose(),
    } satisfies RealtimeTransport,
  }
}
