import { bindingId, readBinding } from './bindings.ts'
import type { Channel, Connection } from './channel.ts'
import type { Message } from './frames.ts'
import { createJoinedChannel } from './joined-channel.ts'
import { asObject, asText, isObject, type JsonObject, sortedJson } from './json.ts'
import { readMessages } from './messages.ts'
import { mayRead } from './policies.ts'
import type { Tenant } from './tenant.ts'
import { checkToken, isUserToken } from './tokens.ts'

export const TOPIC_PREFIX = 'realtime:'

export type JoinResult = { readonly channel: Channel } | { readonly refused: string }

/** Joins a topic and says so, or answers why not. */
export async function joinChannel(
  tenant: Tenant,
  connection: Connection,
  { topic, joinRef, ref, payload: raw }: Message,
  onClosed: (channel: Channel) => void,
): Promise<JoinResult> {
  const { database, delays } = tenant
  const name = topic.slice(TOPIC_PREFIX.length)
  const payload = asObject(raw)
  if (name === '') return { refused: 'TopicNameRequired: You must provide a topic name' }

  const ownToken = asText(payload['access_token'])
  const token = isUserToken(ownToken) ? ownToken : connection.apiKey
  const checked = await checkToken(token, tenant.jwtSecret)
  if (!checked.isValid) return { refused: `${checked.code}: ${checked.reason}` }
  const { claims } = checked
  if (payload['config'] !== undefined && !isObject(payload['config'])) {
    return { refused: 'UnknownErrorOnChannel: no function clause matching in Access.get/3' }
  }
  const config = asObject(payload['config'])
  const isPrivate = config['private'] === true
  const broadcast = asObject(config['broadcast'])
  if (!(await database.answers())) return { refused: 'UnableToConnectToProject: Realtime was unable to connect to the project database' }
  if (isPrivate && !(await mayRead(database, claims, name))) {
    return { refused: `Unauthorized: You do not have permissions to read from this Channel topic: ${name}` }
  }
  const { replay } = broadcast
  if (replay !== undefined && !isPrivate) return { refused: 'UnableToReplayMessages: Replay is not allowed for public channels' }
  const replayed = replay === undefined ? [] : await readMessages(database, name, asObject(replay))
  if (replayed === undefined) return { refused: 'UnableToReplayMessages: Replay params are not valid' }

  const wanted = readWanted(name, payload, config)
  const channel = createJoinedChannel(tenant, connection, {
    topic,
    name,
    joinRef,
    isPrivate,
    token,
    claims,
    bindings: wanted.map(readBinding),
    hearsItself: broadcast['self'] === true,
    isAcknowledged: broadcast['ack'] === true,
    onClosed,
  })
  const isWarm = tenant.isWarm()
  const bindings = wanted.map((one) => `{"id":${bindingId(one)},${sortedJson(one).slice(1)}`)
  connection.send({ joinRef, ref, topic, event: 'phx_reply' }, `{"response":{"postgres_changes":[${bindings.join(',')}]},"status":"ok"}`)
  for (const one of replayed) channel.send('broadcast', one)
  const presence = asObject(config['presence'])
  if (presence['enabled'] === true) tenant.presence.enter(channel, presence['key'])
  if (broadcast['replication_ready'] === true) channel.system('system', 'Replication connection established')
  channel.follow(isWarm ? delays.subscribe : delays.coldSubscribe)
  return { channel }
}

/** Clients of old name schema and table in the topic. */
function readWanted(name: string, payload: JsonObject, config: JsonObject): readonly JsonObject[] {
  const wanted = config['postgres_changes']
  if (Array.isArray(wanted)) return wanted.map(asObject)
  const [schema = '', table, ...rest] = name.split(':')
  return payload['config'] === undefined && table !== undefined && rest.length === 0 ? [{ schema, table }] : []
}
