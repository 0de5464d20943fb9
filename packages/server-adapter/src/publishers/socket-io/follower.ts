import { Refusal } from '../../errors.js'
import { rateLimited } from '../../security/rate-limits.js'
import type { PublisherContext } from '../publisher.js'
import { type SocketIoLine, watchLine } from './line.js'
import { createMemory } from './memory.js'
import { createPermit, type Permission } from './permission.js'
import type { SocketIoSocket } from './server.js'
import { roomOf, type SocketIoTopic } from './topic.js'

/** What one connection follows. */
export interface Follower {
  /** Resolves when the room is joined: from then on no word is missed. Rejects with the `Refusal` where it may not. */
  join(topic: SocketIoTopic): Promise<void>
  leave(topic: SocketIoTopic): void
  /** Goes on with what a connection followed that was lost, and that Socket.IO has recovered. */
  restore(): void
  /** Looks whether permission has ended, or the client takes nothing any more. */
  check(): void
  /** Sends the client away where it follows anything: it comes back by itself, with a fresh token. */
  dismiss(): void
  /** The connection has ended. What it followed is remembered, in case that it is recovered. */
  end(): void
}

export interface FollowerOptions {
  readonly socket: SocketIoSocket
  readonly context: PublisherContext
  /** The event of an update. */
  readonly message: string
  readonly maxTopics: number
  /** Takes one of the joins that the connection has left; answers how long it has to wait where there is none, milliseconds. */
  takeJoin(): number
  /** By what name is remembered what it followed. */
  readonly memoryName: string
  /** How many follow each room. */
  readonly rooms: Map<string, number>
}

interface Following {
  readonly topic: SocketIoTopic
  /** Once it is joined. */
  joined?: Permission & { readonly room: string }
  isLeft: boolean
}

/** What may wait for one client, characters: one that is so far behind comes back, and asks how everything stands. */
const MAX_WAITING = 4 * 2 ** 20

export function createFollower({ socket, context, message, maxTopics, takeJoin, memoryName, rooms }: FollowerOptions): Follower {
  const { clock, connections, logger } = context
  const permit = createPermit(socket, context)
  const memory = createMemory(socket, memoryName)
  /** What is joined, and what is being asked for. */
  const followed = new Map<string, Following>()
  /** As long as anything is followed. */
  let presence: { readonly line: SocketIoLine; end(): void } | undefined
  let isOver = false

  const joined = () => [...followed.values()].flatMap(({ topic, joined: room }) => (room === undefined ? [] : [{ topic, ...room }]))

  function find(topic: SocketIoTopic): Following {
    const known = followed.get(keyOf(topic))
    if (known !== undefined) return known
    if (followed.size >= maxTopics) {
      throw new Refusal(429, 'too_many_topics', `One connection can follow ${maxTopics} things at a time.`, { retryable: true })
    }
    const following = { topic, isLeft: false }
    followed.set(keyOf(topic), following)
    return following
  }

  async function enter(following: Following, permission: Permission): Promise<void> {
    // Whoever has left meanwhile meant to.
    if (isOver || following.isLeft) return
    const { topic } = following
    const { subject } = permission
    const room = roomOf({ kind: topic.kind, id: topic.kind === 'all' ? subject : topic.id, subject })
    const isThere = following.joined?.room === room
    if (!isThere) quit(following)
    following.joined = { ...permission, room }
    followed.set(keyOf(topic), following)
    if (isThere) return
    rooms.set(room, (rooms.get(room) ?? 0) + 1)
    presence ??= appear(subject)
    await socket.join(room)
  }

  function appear(subject: string) {
    const line = watchLine(socket.conn, message, clock)
    const stopObserving = connections.observe(subject, 'socket-io', line.latency)
    return {
      line,
      end() {
        stopObserving()
        line.end()
      },
    }
  }

  function quit(following: Following): void {
    const room = following.joined?.room
    if (room === undefined) return
    delete following.joined
    const others = (rooms.get(room) ?? 0) - 1
    if (others > 0) rooms.set(room, others)
    else rooms.delete(room)
    void leaveRoom(room)
  }

  async function leaveRoom(room: string): Promise<void> {
    try {
      await socket.leave(room)
    } catch (error) {
      logger.error('A Socket.IO room could not be left.', error)
    }
  }

  function drop(following: Following): void {
    quit(following)
    const key = keyOf(following.topic)
    if (followed.get(key) === following) followed.delete(key)
    if (followed.size > 0) return
    presence?.end()
    presence = undefined
  }

  const isExpired = ({ expiresAtMs }: Permission) => expiresAtMs <= clock.now()

  function dismiss(): void {
    if (presence !== undefined) socket.disconnect()
  }

  return {
    async join(topic) {
      const waitMs = takeJoin()
      if (waitMs > 0) throw rateLimited(waitMs)
      const following = find(topic)
      try {
        await enter(following, await permit(topic))
      } catch (error) {
        drop(following)
        throw error
      }
    },
    leave(topic) {
      const following = followed.get(keyOf(topic))
      if (following === undefined) return
      following.isLeft = true
      drop(following)
    },
    restore() {
      const before = memory.take().slice(0, maxTopics)
      if (before.length === 0) return
      if (before.some(isExpired)) {
        socket.disconnect()
        return
      }
      // At once, so that nothing is missed, and asked then. Its client takes everything for joined: one no is a no to all.
      const entered = before.map(({ topic, ...permission }) => enter(find(topic), permission))
      const asked = before.map(async ({ topic }) => enter(find(topic), await permit(topic)))
      Promise.all([...entered, ...asked]).catch((error: unknown) => {
        if (!(error instanceof Refusal)) logger.error('What a recovered Socket.IO connection may follow could not be found out.', error)
        dismiss()
      })
    },
    check() {
      if (presence === undefined) return
      // Of all connections, so often that no list is made for it.
      for (const { joined: room } of followed.values()) if (room !== undefined && isExpired(room)) return dismiss()
      if (presence.line.waiting() > MAX_WAITING) socket.conn.close(true)
    },
    dismiss,
    end() {
      isOver = true
      // Socket.IO would send it what is said meanwhile, though its permission may end, and though it asks for the snapshot anyway.
      memory.write(joined().map(({ topic, subject, expiresAtMs }) => ({ topic, subject, expiresAtMs })))
      for (const following of [...followed.values()]) drop(following)
    },
  }
}

const keyOf = (topic: SocketIoTopic) => (topic.kind === 'all' ? 'all' : `${topic.kind}:${topic.id}`)
