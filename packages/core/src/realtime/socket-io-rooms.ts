import type { Clock } from '../clock.js'
import { UploadError } from '../errors.js'
import { type Decode, isId, isRecord } from '../protocol/index.js'
import type { Connection } from './connection.js'
import { joinRefusal, type SocketIoSocket } from './socket-io-client.js'
import type { Topic, TopicHandlers } from './transport.js'

export interface RoomsOptions {
  readonly clock: Clock
  /** What the server calls it. */
  readonly events: { readonly join: string; readonly leave: string }
  /** What `join` and `leave` carry. */
  nameOf(topic: Topic): unknown
  /** Of another kind of server: it may not answer joins, and names ids in its own way. */
  readonly decode?: Decode | undefined
  readonly connection: Pick<Connection, 'answered'>
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

/** What the server knows, which may be of several topics. */
interface Room {
  readonly name: unknown
  readonly followers: Set<TopicHandlers>
  isJoined: boolean
  /** Told once, and to those who come later, until it is joined. */
  refusal: UploadError | undefined
}

interface Ids {
  readonly job_id?: unknown
  readonly operation_id?: unknown
}

/** How long the server may take to answer a join, in milliseconds. */
const JOIN_MS = 5000
/** When a join is repeated that was refused or not answered, in milliseconds: rights may be given while the page is open. */
const RETRY_MS = 15_000

/** Where those are looked for who follow anything. */
const EVERYTHING = ''
/** How many places one topic has at most. */
const PLACES = 3

export function createRooms({ clock, events, nameOf, decode, connection }: RoomsOptions): Rooms {
  /** By their names, as JSON. */
  const rooms = new Map<string, Room>()
  /** Of everything, of a kind, of a topic: by whatever a message may be about. */
  const followers = new Map<string, Set<TopicHandlers>>()
  let socket: SocketIoSocket | undefined
  let cancelRetry: (() => void) | undefined

  function add(topic: Topic, handlers: TopicHandlers): () => void {
    const name = nameOf(topic)
    const key = JSON.stringify(name)
    const room: Room = rooms.get(key) ?? { name, followers: new Set(), isJoined: false, refusal: undefined }
    // Two that follow the same thing with the same handlers are two.
    const own = { ...handlers }
    const places = [EVERYTHING, topic.kind, roomName(topic)]
    for (const place of places) followers.set(place, (followers.get(place) ?? new Set()).add(own))
    room.followers.add(own)
    if (!rooms.has(key)) {
      rooms.set(key, room)
      ask(key, room)
    } else if (room.isJoined && socket?.connected) own.onSubscribed()
    else if (room.refusal !== undefined) own.onRefused(room.refusal)
    return () => {
      if (!room.followers.delete(own)) return
      for (const place of places) if (followers.get(place)?.delete(own) && !followers.get(place)?.size) followers.delete(place)
      if (room.followers.size > 0) return
      rooms.delete(key)
      // While there is no connection the client keeps this for the next one, where the server may still know the room.
      if (room.isJoined) socket?.emit(events.leave, name)
    }
  }

  // -- joining ---------------------------------------------------------------------------------------------------------------------------

  function ask(key: string, room: Room): void {
    const asked = socket
    if (!asked?.connected) return
    const askedAt = clock.now()
    asked.timeout(JOIN_MS).emit(events.join, room.name, (timedOut: unknown, answer: unknown) => {
      // The end of a connection comes as an answer, too.
      if (!asked.connected) return
      if (timedOut == null) connection.answered(askedAt)
      // Left before this answer, which may have taken the server longer than it would have taken to leave.
      if (!rooms.has(key)) return void asked.emit(events.leave, room.name)
      const error = timedOut == null ? joinRefusal(answer) : decode === undefined ? unanswered(events.join) : undefined
      if (error === undefined) return joined(room)
      room.isJoined = false
      cancelRetry ??= clock.setTimeout(retry, RETRY_MS)
      tellRefusal(room, error)
    })
  }

  function joined(room: Room): void {
    room.isJoined = true
    room.refusal = undefined
    for (const follower of room.followers) follower.onSubscribed()
  }

  function retry(): void {
    forgetRetry()
    for (const [key, room] of rooms) if (!room.isJoined) ask(key, room)
  }

  function forgetRetry(): void {
    cancelRetry?.()
    cancelRetry = undefined
  }

  // -- messages --------------------------------------------------------------------------------------------------------------------------

  /** In which room something was said is not told, but whom it is about. Once to each receiver, however many topics he follows. */
  function deliver(raw: unknown, bytes: number | undefined): void {
    const receivers = new Set<TopicHandlers['onMessage']>()
    const gather = (place: string) => followers.get(place)?.forEach(({ onMessage }) => receivers.add(onMessage))
    // Where one topic is followed, it is about that.
    if (followers.size > PLACES) placesOf(idsIn(raw)).forEach(gather)
    if (receivers.size === 0) gather(EVERYTHING)
    for (const receive of receivers) receive(raw, bytes)
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
      for (const [key, room] of rooms) {
        room.isJoined &&= connected.recovered
        // Messages may be lost all the same: the server keeps only so many.
        if (room.isJoined) joined(room)
        else ask(key, room)
      }
    },
    retry,
    refuse(error) {
      for (const room of rooms.values()) tellRefusal(room, error)
    },
    deliver,
    leaveConnection() {
      forgetRetry()
      // A socket of the page stays open.
      for (const { isJoined, name } of rooms.values()) if (isJoined) socket?.emit(events.leave, name)
      socket = undefined
    },
  }
}

export function roomName(topic: Topic): string {
  if (topic.kind === 'all') return 'all'
  return `${topic.kind === 'job' ? 'job' : 'upload'}:${topic.id}`
}

/** Whom a message may be about. One that names no job may be of any. */
function placesOf({ job_id, operation_id }: Ids): readonly string[] {
  const placeOf = (kind: 'job' | 'operation', id: unknown) => (isId(id) ? roomName({ kind, id }) : kind)
  return [placeOf('job', job_id), placeOf('operation', operation_id), 'all']
}

function tellRefusal(room: Room, error: UploadError): void {
  if (room.refusal !== undefined) return
  room.refusal = error
  for (const follower of room.followers) follower.onRefused(error)
}

const unanswered = (join: string) => new UploadError('stalled', `The Socket.IO server does not answer “${join}”.`)
