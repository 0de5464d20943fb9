import type { SyncStatusUpdate } from '@upload-panel/core/protocol'

/** One Server-Sent Event. */
export interface ServerEvent {
  readonly event: string
  readonly id: string
  readonly data: string
}

/** A client of an event stream, read step by step. */
export interface EventReader {
  readonly response: Response
  /** The next event that is not a ping; ends by throwing where the stream ends. */
  next(): Promise<ServerEvent>
  /** The next update that a test waits for; others are passed over. */
  until(matches: (update: SyncStatusUpdate) => boolean): Promise<SyncStatusUpdate & { readonly eventId: string }>
  /** The next ping. */
  ping(): Promise<ServerEvent>
  close(): void
}

export async function readEvents(url: string, headers: Record<string, string> = {}): Promise<EventReader> {
  const controller = new AbortController()
  const response = await fetch(url, { headers, signal: controller.signal })
  const source = eventsOf(response)

  async function take(matches: (event: ServerEvent) => boolean): Promise<ServerEvent> {
    while (true) {
      const { done, value } = await source.next()
      if (done) throw new Error('The event stream ended.')
      if (matches(value)) return value
    }
  }
  const next = () => take(({ event }) => event !== 'ping')

  return {
    response,
    next,
    async until(matches) {
      while (true) {
        const { event, id, data } = await next()
        if (event !== 'sync-status') continue
        const update = JSON.parse(data) as SyncStatusUpdate
        if (matches(update)) return { ...update, eventId: id }
      }
    },
    ping: () => take(({ event }) => event === 'ping'),
    close: () => controller.abort(),
  }
}

async function* eventsOf(response: Response): AsyncGenerator<ServerEvent, undefined> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true })
    while (text.includes('\n\n')) {
      const end = text.indexOf('\n\n')
      const block = text.slice(0, end)
      text = text.slice(end + 2)
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? ''
      if (field('event') !== '') yield { event: field('event'), id: field('id'), data: field('data') }
    }
  }
}
