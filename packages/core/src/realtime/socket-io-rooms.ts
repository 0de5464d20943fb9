import type { Clock } from '../clock.js'
import { UploadError } from '../errors.js'
import { type Decode, isRecord } from '../protocol/index.js'
import { joinRefusal, type SocketIoSocket } from './socket-io-client.js'
import type { Topic, TopicHandlers } from './transport.js'

export interface RoomsOptions {
  readonly clock: Clock
  /** What the server calls it. */
  readonly join: string
  readonly leave: string
  /** What `join` and `leave` carry. */
  room(topic: Topic): unknown
  /** Of another kind of server: it may not answer joins, and names ids in its own way. */
  readonly decode?: Decode | undefined
  /** A join was answered. */
  onRoundTrip(ms: number): void
}

/** What is followed over one connection. */
export interface Rooms {
  isEmpty(): boolean
  /** The returned function leaves; the server is told with the last one. */
  add(topic: Topic, handlers: TopicHandlers): () => void
  /** A connection holds, and everything is joined, unless the server still knows it from the connection before. */
  enter(socket: SocketIoSocket): void
  /** Asks once more for what was refused or not answered. */
  retry(): void
  /** The server refuses the connection as a whole. */
  refuse(error: UploadError): void
  /** Gives a message to those whom it is for. */
  deliver(raw: unknown, bytes: number | undefined): void
  /** The connection is over. */
  leaveConnection(): void
}

interface Room {
  readonly topic: Topic
  readonly followers: Set<TopicHandlers>
  isJoined: boolean
  /** Told once, until it is joined. */
  isRefusalTold: boolean
}

interface Ids {
  readonly job_id?: unknown
  readonly operation_id?: unknown
}

/** How long the server may take to answer a join, in milliseconds. */
const JOIN_MS = 5000
/** When a join is repeated that was refused or not answered, in milliseconds: rights may be given while the page is open. */
const RETRY_MS = 15_000

export function createRooms({ clock, join, leave, room: nameOf, decode, onRoundTrip }: RoomsOptions): Rooms {
  const rooms = new Set<Room>()
  /** The same, by what messages are about. */
  const byId = { job: new Map<unknown, Room>(), operation: new Map<unknown, Room>(), all: new Map<unknown, Room>() }
  const find = (topic: Topic) => byId[topic.kind].get(idOf(topic))
  /** How many topics have a room: the server is told when the last of them is left. */
  const shares = new Map<string, number>()
  let socket: SocketIoSocket | undefined
  let cancelRetry: (() => void) | undefined

  function add(topic: Topic, handlers: TopicHandlers): () => void {
    const room = find(topic) ?? { topic, followers: new Set(), isJoined: false, isRefusalTold: false }
    const isNew = room.followers.size === 0
    // Two that follow the same thing with the same handlers are two.
    const own = { ...handlers }
    room.followers.add(own)
    if (isNew) {
      rooms.add(room)
      byId[topic.kind].set(idOf(topic), room)
      share(topic, 1)
      ask(room)
    } else if (room.isJoined && socket?.connected === true) own.onSubscribed()
    return () => {
      if (!room.followers.delete(own) || room.followers.size > 0) return
      rooms.delete(room)
      byId[topic.kind].delete(idOf(topic))
      share(topic, -1)
      // While there is no connection the client keeps this for the next one, where the server may still know the room.
      if (room.isJoined) tellLeft(topic, socket)
    }
  }

  const keyOf = (topic: Topic) => JSON.stringify(nameOf(topic))

  function share(topic: Topic, change: 1 | -1): void {
    const key = keyOf(topic)
    const count = (shares.get(key) ?? 0) + change
    if (count === 0) shares.delete(key)
    else shares.set(key, count)
  }

  function tellLeft(topic: Topic, connected: SocketIoSocket | undefined): void {
    if (!shares.has(keyOf(topic))) connected?.emit(leave, nameOf(topic))
  }

  // -- joining ---------------------------------------------------------------------------------------------------------------------------

  function ask(room: Room): void {
    const asked = socket
    if (asked?.connected !== true) return
    const askedAt = clock.now()
    asked.timeout(JOIN_MS).emit(join, nameOf(room.topic), (timedOut: unknown, answer: unknown) => {
      // The end of a connection comes as an answer, too.
      if (!asked.connected) return
      if (timedOut == null) onRoundTrip(clock.now() - askedAt)
      // Left before this answer, which may have taken the server longer than it would have taken to leave.
      if (find(room.topic) === undefined) return tellLeft(room.topic, asked)
      const error = timedOut == null ? joinRefusal(answer) : decode === undefined ? unanswered(join) : undefined
      if (error === undefined) joined(room)
      else refused(room, error)
    })
  }

  function joined(room: Room): void {
    room.isJoined = true
    room.isRefusalTold = false
    for (const follower of room.followers) follower.onSubscribed()
  }

  function refused(room: Room, error: UploadError): void {
    room.isJoined = false
    cancelRetry ??= clock.setTimeout(retry, RETRY_MS)
    tellRefusal(room, error)
  }

  function retry(): void {
    cancelRetry?.()
    cancelRetry = undefined
    for (const room of rooms) if (!room.isJoined) ask(room)
  }

  // -- messages --------------------------------------------------------------------------------------------------------------------------

  function deliver(raw: unknown, bytes: number | undefined): void {
    const told = new Set<TopicHandlers['onMessage']>()
    for (const room of roomsFor(raw)) {
      for (const follower of room?.followers ?? []) {
        // Once to each receiver, however many topics it follows.
        if (told.has(follower.onMessage)) continue
        told.add(follower.onMessage)
        follower.onMessage(raw, bytes)
      }
    }
  }

  /** In which room something was said is not told, but whom it is about. */
  function roomsFor(raw: unknown): Iterable<Room | undefined> {
    if (rooms.size === 1) return rooms
    const { job_id, operation_id } = idsIn(raw)
    const found = [byId.job.get(job_id), byId.operation.get(operation_id), byId.all.get('')]
    const isOfSomeJob = job_id === undefined && byId.job.size > 0
    return isOfSomeJob || !found.some(Boolean) ? rooms : found
  }

  function idsIn(raw: unknown): Ids {
    if (decode === undefined) return isRecord(raw) ? raw : {}
    try {
      return decode(raw)?.update ?? {}
    } catch {
      // The receiver drops it, and says so.
      return {}
    }
  }

  return {
    isEmpty: () => rooms.size === 0,
    add,
    enter(connected) {
      socket = connected
      for (const room of rooms) {
        room.isJoined &&= connected.recovered
        // Messages may be lost all the same: the server keeps only so many.
        if (room.isJoined) joined(room)
        else ask(room)
      }
    },
    retry,
    refuse(error) {
      for (const room of rooms) tellRefusal(room, error)
    },
    deliver,
    leaveConnection() {
      cancelRetry?.()
      cancelRetry = undefined
      // A socket of the page stays open.
      for (const room of rooms) if (room.isJoined) socket?.emit(leave, nameOf(room.topic))
      socket = undefined
    },
  }
}

const idOf = (topic: Topic) => (topic.kind === 'all' ? '' : topic.id)

function tellRefusal(room: Room, error: UploadError): void {
  if (room.isRefusalTold) return
  room.isRefusalTold = true
  for (const follower of room.followers) follower.onRefused(error)
}

const unanswered = (join: string) => new UploadError('stalled', `The Socket.IO server does not answer “${join}”.`)
