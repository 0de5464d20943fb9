import { randomBytes, randomUUID } from 'node:crypto'
import type { Channel } from './channel.ts'
import { asText, isObject, type JsonObject } from './json.ts'

interface Member {
  readonly key: string
  meta: JsonObject | undefined
  tracked: number
}

interface Answer {
  reply(response: unknown, status?: string): void
  closeFor(reason: string): void
}

/** Who is where. */
export interface Presence {
  enter(channel: Channel, key: unknown): void
  leave(channel: Channel): void
  handle(channel: Channel, payload: JsonObject, answer: Answer): void
}

/** Members hear of one another a little later than the server answers. */
const DIFF_MS = 50

export function createPresence(perChannel: number): Presence {
  const members = new Map<Channel, Member>()
  const together = (channel: Channel) => [...members].filter(([one]) => one.name === channel.name && one.isPrivate === channel.isPrivate)

  function change(channel: Channel, member: Member, meta: JsonObject | undefined): void {
    const before = member.meta
    member.meta = meta
    const presences = (one: JsonObject | undefined) => (one === undefined ? {} : { [member.key]: { metas: [one] } })
    if (before === undefined && meta === undefined) return
    const diff = { joins: presences(meta), leaves: presences(before) }
    setTimeout(() => together(channel).forEach(([one]) => one.tell('presence_diff', diff)), DIFF_MS)
  }

  return {
    enter(channel, key) {
      members.set(channel, { key: asText(key) || randomUUID(), meta: undefined, tracked: 0 })
      const present = together(channel).flatMap(([, { key: one, meta }]) => (meta === undefined ? [] : [[one, { metas: [meta] }]]))
      channel.send('presence_state', Object.fromEntries(present))
    },

    leave(channel) {
      const member = members.get(channel)
      members.delete(channel)
      if (member !== undefined) change(channel, member, undefined)
    },

    handle(channel, { event, payload }, { reply, closeFor }) {
      const member = members.get(channel)
      if (member === undefined) return reply({})
      if (event === 'untrack') {
        reply({})
        return change(channel, member, undefined)
      }
      if (!isObject(payload)) return reply({ reason: 'Presence track payload must be a map' }, 'error')
      if (++member.tracked > perChannel) return closeFor('Client presence rate limit exceeded')
      reply({})
      change(channel, member, { phx_ref: randomBytes(9).toString('base64url'), ...payload })
    },
  }
}
