import { once } from 'node:events'
import { createServer, type IncomingMessage, request as requestUpstream, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** One request that went through, and how far it came. */
export interface ProxiedRequest {
  readonly method: string
  /** With the query. */
  readonly path: string
  /** Bytes of its body that it has taken. */
  readonly sentBytes: number
  /** What the server answered, once it has. */
  readonly status: number | undefined
}

export type RequestMatch = (request: ProxiedRequest) => boolean

/** The network between a client and a server: it passes everything on, notes it, and fails when it is told to. */
export interface FaultyNetwork {
  /** Without a slash at the end. */
  readonly url: string
  readonly requests: readonly ProxiedRequest[]
  /** Breaks every connection and refuses new ones. */
  cut(): void
  /** Lets connections through again. */
  mend(): void
  /** Cuts as soon as a matching request has brought this many bytes. Resolves with it when that has happened. */
  cutDuring(match: RequestMatch, afterBytes: number): Promise<ProxiedRequest>
  /** Resolves when a matching request has brought its first bytes. */
  seen(match: RequestMatch): Promise<ProxiedRequest>
  /** Takes no byte of matching requests until the returned function is called. */
  hold(match: RequestMatch): () => void
  /** Lets the next matching request reach the server, and breaks the connection when the server answers. Resolves with it then. */
  loseAnswer(match: RequestMatch): Promise<ProxiedRequest>
  /** Answers the next matching request itself, once. */
  answerOnce(match: RequestMatch, status: number, problem: Readonly<Record<string, unknown>>): void
  /** Events of the realtime stream that passed so far, as they were on the wire. */
  readonly events: readonly string[]
  /** Writes raw text into every open event stream, between two events. */
  inject(rawEvents: string): void
  close(): Promise<void>
}

interface Entry {
  method: string
  path: string
  sentBytes: number
  status: number | undefined
}

export async function startFaultyNetwork(target: () => string): Promise<FaultyNetwork> {
  const requests: Entry[] = []
  const events: string[] = []
  const streams = new Set<ServerResponse>()
  let isCut = false
  let holding: { readonly match: RequestMatch; readonly held: (() => void)[] } | undefined
  const watches = new Set<(request: ProxiedRequest) => void>()
  let losing: { readonly match: RequestMatch; readonly lost: (request: ProxiedRequest) => void } | undefined
  let answering: { match: RequestMatch; status: number; body: string } | undefined

  const server = createServer(pass)
  server.on('connection', (socket) => {
    socket.on('error', () => {})
    if (isCut) socket.destroy()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  function cut(): void {
    isCut = true
    server.closeAllConnections()
  }

  /** Reacts to the first matching request at the moment when its bytes come. */
  function firstRequest(match: RequestMatch, react: () => void): Promise<ProxiedRequest> {
    return new Promise((resolve) => {
      const watch = (request: ProxiedRequest) => {
        if (!match(request)) return
        watches.delete(watch)
        react()
        resolve(request)
      }
      watches.add(watch)
    })
  }

  function pass(request: IncomingMessage, response: ServerResponse): void {
    const entry: Entry = { method: request.method ?? '', path: request.url ?? '', sentBytes: 0, status: undefined }
    requests.push(entry)
    if (answering?.match(entry)) return answer(request, response, entry)

    const upstream = requestUpstream(new URL(entry.path, target()), { method: entry.method, headers: request.headers }, (answered) => {
      entry.status = answered.statusCode
      if (losing?.match(entry)) {
        losing.lost(entry)
        losing = undefined
        return void request.socket.resetAndDestroy()
      }
      response.writeHead(answered.statusCode ?? 502, answered.rawHeaders)
      response.flushHeaders()
      if (answered.headers['content-type']?.startsWith('text/event-stream')) return passEvents(answered, response)
      // An answer may come before the body is all sent; nobody reads the rest of it then.
      answered.on('end', () => request.unpipe(upstream).resume())
      answered.pipe(response)
      return undefined
    })
    const breakOff = () => {
      upstream.destroy()
      response.destroy()
    }
    upstream.on('error', breakOff)
    request.on('error', breakOff)
    response.on('close', () => upstream.destroy())
    const takeBody = () => {
      request.on('data', (chunk: Buffer) => {
        entry.sentBytes += chunk.length
        for (const watch of watches) watch(entry)
      })
      request.pipe(upstream)
    }
    if (holding?.match(entry)) holding.held.push(takeBody)
    else takeBody()
  }

  function answer(request: IncomingMessage, response: ServerResponse, entry: Entry): void {
    const { status, body } = answering!
    answering = undefined
    entry.status = status
    request.resume()
    request.on('end', () => response.writeHead(status, { 'content-type': 'application/problem+json' }).end(body))
  }

  function passEvents(answered: IncomingMessage, response: ServerResponse): void {
    let rest = ''
    streams.add(response)
    response.on('close', () => streams.delete(response))
    answered.setEncoding('utf8')
    answered.on('data', (text: string) => {
      // Whole events only, so that `inject` never lands inside one.
      rest += text
      const end = rest.lastIndexOf('\n\n') + 2
      if (end < 2) return
      const whole = rest.slice(0, end)
      rest = rest.slice(end)
      events.push(
        ...whole
          .split('\n\n')
          .filter((event) => event !== '')
          .map((event) => `${event}\n\n`),
      )
      response.write(whole)
    })
    answered.on('end', () => response.end())
    answered.on('error', () => response.destroy())
  }

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    cut,
    mend() {
      isCut = false
    },
    cutDuring: (match, afterBytes) => firstRequest((request) => match(request) && request.sentBytes >= afterBytes, cut),
    seen: (match) => firstRequest(match, () => {}),
    hold(match) {
      const mine = { match, held: [] as (() => void)[] }
      holding = mine
      return () => {
        holding = undefined
        for (const takeBody of mine.held) takeBody()
      }
    },
    loseAnswer: (match) =>
      new Promise((lost) => {
        losing = { match, lost }
      }),
    answerOnce(match, status, problem) {
      answering = { match, status, body: JSON.stringify({ type: 'about:blank', title: 'Refused', status, ...problem }) }
    },
    events,
    inject(rawEvents) {
      for (const stream of streams) stream.write(rawEvents)
    },
    async close() {
      server.close()
      cut()
    },
  }
}
