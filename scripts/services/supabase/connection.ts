import type { WebSocket } from 'ws'
import type { Channel } from './channel.ts'
import { decodeBinary, decodeText, encodeBroadcast, encodeText, type Message, type Version } from './frames.ts'
import { joinChannel, TOPIC_PREFIX } from './join.ts'
import { sortedJson } from './json.ts'
import type { Tenant } from './tenant.ts'

const MAX_FRAME_BYTES = 5_000_000

/** Serves one client until its socket closes. */
export function serveConnection(tenant: Tenant, socket: WebSocket, apiKey: string, version: Version): void {
  const channels = new Map<string, Channel>()
  const connection = {
    apiKey,
    send: (message: Omit<Message, 'payload'>, payload: string) => socket.send(encodeText(version, message, payload)),
    sendBroadcast(topic: string, broadcast: Parameters<typeof encodeBroadcast>[2]) {
      const frame = encodeBroadcast(version, topic, broadcast)
      if (frame !== undefined) socket.send(frame)
    },
    close: (code: number) => socket.close(code),
  }
  const reply = ({ ref, topic }: Message, response: unknown, status: string, joinRef: string | null = null) =>
    connection.send({ joinRef, ref, topic, event: 'phx_reply' }, sortedJson({ response, status }))

  async function handle(message: Message): Promise<void> {
    const { topic, event, joinRef } = message
    if (topic === 'phoenix') {
      if (event === 'heartbeat') reply(message, {}, 'ok')
      return
    }
    if (event === 'phx_join' && topic.startsWith(TOPIC_PREFIX)) return join(message)
    const channel = channels.get(topic)
    if (channel === undefined) {
      return event === 'phx_leave' ? reply(message, {}, 'ok', joinRef) : reply(message, { reason: 'unmatched topic' }, 'error')
    }
    const isStale = joinRef !== null && joinRef !== channel.joinRef
    if (!isStale) channel.handle(message)
  }

  async function join(message: Message): Promise<void> {
    const { topic } = message
    tenant.joinRate.count()
    const before = channels.get(topic)
    const isFull = before === undefined && channels.size >= tenant.limits.channelsPerSocket
    const refusal = tenant.joinRate.isExceeded
      ? 'ClientJoinRateLimitReached: Too many joins per second'
      : isFull && 'ChannelRateLimitReached: Too many channels'
    const result = refusal
      ? { refused: refusal }
      : await joinChannel(tenant, connection, message, (closed) => {
          if (channels.get(topic) === closed) channels.delete(topic)
        }).catch((error: unknown) => ({ refused: `UnknownErrorOnChannel: ${String(error)}` }))
    if ('refused' in result) {
      // Late on purpose, and the socket waits with it: whoever asks again and again is slowed down.
      await new Promise((resolve) => setTimeout(resolve, tenant.delays.joinError))
      reply(message, { reason: result.refused }, 'error', message.joinRef)
      if (tenant.joinRate.isExceeded) socket.close(1000)
      return
    }
    channels.set(topic, result.channel)
    before?.close(true)
  }

  let idle = setTimeout(close, tenant.delays.idle)
  function close(): void {
    socket.close(1000)
  }

  let handled = Promise.resolve()
  socket.on('message', (data: Buffer, isBinary: boolean) => {
    // The server gives up on the connection then, and says nothing more.
    if (data.length > MAX_FRAME_BYTES) return socket.terminate()
    clearTimeout(idle)
    idle = setTimeout(close, tenant.delays.idle)
    const message = isBinary ? decodeBinary(data) : decodeText(version, data.toString())
    // One after the other, as the server does: a join that is refused late holds up everything behind it.
    if (message !== undefined) handled = handled.then(() => handle(message)).catch((error: unknown) => console.error(error))
  })
  socket.on('error', () => socket.terminate())
  socket.on('close', () => {
    clearTimeout(idle)
    for (const channel of channels.values()) channel.close(false)
  })
}
