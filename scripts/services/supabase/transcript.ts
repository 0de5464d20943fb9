import { readFileSync } from 'node:fs'
import { WebSocket } from 'ws'
import type { Supabase } from '../supabase.ts'

/** One conversation with the real server, as it was recorded. */
export interface Section {
  readonly title: string
  /** Of the connection's address. */
  readonly query: string
  readonly steps: readonly Step[]
}

/**
 * - `> …`, `< …`: a frame of the client, of the server (`BIN` with its bytes); `…` in it stands for anything. The number before is when, in ms
 * - `HTTP 401 …`, `CLOSE 1000`: how a connection was refused, or closed
 * - `POST <key> path body -> status answer`: beside the connection
 * - `@ …`: the query of the connection, if not that of a common client
 *
 * What else was done beside the connection was not recorded, and is noted as what had the recorded effect:
 * - `$ …`: SQL by the database's owner
 * - `wait` until the server knows what is committed; `kill slot`; `wait for slot`; `disconnect` by the operator
 *
 * `<name>` stands for a token.
 */
interface Step {
  readonly kind: '>' | '<' | '$' | 'HTTP' | 'CLOSE' | 'POST' | 'wait' | 'kill slot' | 'wait for slot' | 'disconnect'
  readonly text: string
}

const LINE = /^(?:\s*\d* )?(>|<|\$|@|HTTP|CLOSE|POST|wait for slot|wait|kill slot|disconnect)(?: (.*))?$/

export function readTranscript(name: string): readonly Section[] {
  const text = readFileSync(new URL(`transcripts/${name}.txt`, import.meta.url), 'utf8')
  return text
    .split(/^## /m)
    .slice(1)
    .map((section) => {
      const [title = '', ...lines] = section.trim().split('\n')
      const read = lines.map((line) => {
        const [, kind, rest = ''] = LINE.exec(line) ?? []
        if (kind === undefined) throw new Error(`A line of ${title} cannot be read: ${line}`)
        return { kind, text: rest }
      })
      const query = read.find(({ kind }) => kind === '@')?.text ?? 'apikey=<anon>&vsn=2.0.0'
      return { title, query, steps: read.filter((step): step is Step => step.kind !== '@') }
    })
}

/** What was recorded, and what came instead of it or as it. */
export interface Answer {
  readonly recorded: string
  readonly got: string
}

/** By the names that they have in transcripts. */
export type Tokens = Readonly<Record<string, () => Promise<string>>>

/** Far above what any answer takes. */
const PATIENCE_MS = 30_000

/** Says again what the client said, and answers what the server says to it; last, that it says nothing more. */
export async function play(supabase: Supabase, { query, steps }: Section, tokens: Tokens): Promise<readonly Answer[]> {
  // Made at the moment of their use: how long ago one has expired is a part of the conversation.
  async function fill(text: string): Promise<string> {
    const name = /<([^<>]+)>/.exec(text)?.[1]
    return name === undefined ? text : text.replace(`<${name}>`, (await tokens[name]?.()) ?? '')
  }
  const socket = new WebSocket(`${supabase.url.replace('http', 'ws')}/realtime/v1/websocket?${await fill(query)}`)
  const heard = createQueue()
  socket.on('message', (data: Buffer, isBinary) =>
    heard.push(isBinary ? BINARY + JSON.stringify(data.toString('latin1')) : data.toString()),
  )
  socket.on('close', (code) => heard.push(`CLOSE ${code}`))
  socket.on('error', () => {})
  socket.on('unexpected-response', (_request, response) => {
    void response
      .toArray()
      .then((chunks) => heard.push(`HTTP ${response.statusCode} ${Buffer.concat(chunks.map(Buffer.from)).toString()}`.trim()))
  })
  const opened = new Promise((resolve) => socket.once('open', resolve))
  const answers: Answer[] = []
  let isOpen = !steps.some(({ kind }) => kind === 'HTTP')
  if (isOpen) await opened

  for (const { kind, text } of steps) {
    if (kind === '>') socket.send(frameOf(await fill(text)))
    if (kind === '<') answers.push({ recorded: text, got: await heard.next() })
    if (kind === 'HTTP' || kind === 'CLOSE') {
      answers.push({ recorded: `${kind} ${text}`.trim(), got: await heard.next() })
      isOpen = false
    }
    if (kind === '$') await supabase.query(text)
    if (kind === 'POST') answers.push(await post(supabase, await fill(text)))
    if (kind === 'wait') await untilKnown(supabase)
    if (kind === 'kill slot') await supabase.killSlot()
    if (kind === 'wait for slot') await supabase.untilFollowed()
    if (kind === 'disconnect') await supabase.disconnect()
  }
  if (isOpen) {
    await untilKnown(supabase)
    const end = { topic: 'phoenix', event: 'heartbeat', payload: {}, ref: 'end' }
    socket.send(JSON.stringify(query.includes('vsn=2') ? [null, end.ref, end.topic, end.event, end.payload] : end))
    answers.push({ recorded: '…"end"…', got: await heard.next() })
  }
  socket.terminate()
  return answers
}

const BINARY = 'BIN '

/** Bytes are written as JavaScript writes a text of them. */
const bytesOf = (text: string) => Buffer.from(String(JSON.parse(text)), 'latin1')

const frameOf = (text: string) => (text.startsWith(BINARY) ? bytesOf(text.slice(BINARY.length)) : text)

interface Queue {
  push(frame: string): void
  next(): Promise<string>
}

function createQueue(): Queue {
  const frames: string[] = []
  let wake = () => {}
  return {
    push(frame) {
      frames.push(frame)
      wake()
    },
    async next() {
      if (frames.length === 0) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, PATIENCE_MS)
          wake = () => {
            clearTimeout(timer)
            resolve()
          }
        })
      }
      return frames.shift() ?? `nothing for ${PATIENCE_MS / 1000} s`
    },
  }
}

/** A message to oneself comes after everything that was committed before it. */
async function untilKnown(supabase: Supabase): Promise<void> {
  const socket = new WebSocket(`${supabase.url.replace('http', 'ws')}/realtime/v1/websocket?apikey=${supabase.anonKey}&vsn=2.0.0`)
  const heard = createQueue()
  socket.on('message', () => heard.push(''))
  await new Promise((resolve) => socket.once('open', resolve))
  socket.send(JSON.stringify(['1', '1', 'realtime:known', 'phx_join', { config: {} }]))
  await heard.next()
  await supabase.query(`select realtime.send('{}', 'known', 'known', false)`)
  await heard.next()
  socket.terminate()
}

async function post({ url }: Supabase, text: string): Promise<Answer> {
  const [, key = '', path = '', body = '', recorded = ''] = /^(\S*) (\S+) (.*) -> (.*)$/.exec(text) ?? []
  const isJson = /^[{[]/.test(body) || body === 'not json'
  const type = isJson ? 'application/json' : body === 'text' ? 'text/plain' : 'application/octet-stream'
  const bytes = isJson ? body : bytesOf(`"${body}"`)
  const headers = { 'content-type': type, ...(key !== '' && { authorization: `Bearer ${key}` }) }
  const response = await fetch(`${url}/realtime/v1/api${path}`, { method: 'POST', headers, body: bytes })
  return { recorded, got: `${response.status} ${await response.text()}` }
}

/** What differs from run to run is named instead. */
const normal = (text: string) =>
  text
    .replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<uuid>')
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+(?:Z|\+00:00)/g, '<time>')

/** Whether an answer is the recorded one, but for the numbers of its bindings. */
export function isLike({ recorded, got }: Answer): boolean {
  const [start = '', ...parts] = normal(recorded).split('…')
  const answer = normal(got)
  if (!answer.startsWith(start) || (parts.length === 0 && answer !== start)) return false
  let place = start.length
  for (const part of parts) {
    place = answer.indexOf(part, place)
    if (place === -1) return false
    place += part.length
  }
  return parts.length === 0 || answer.endsWith(parts.at(-1) ?? '')
}

/** The numbers of bindings in an answer, in their order: the server derives them from the binding in a way of its own. */
export function bindingIds(frame: string): readonly string[] {
  return [...frame.matchAll(/"id":(\d{5,})|"ids":\[([\d,]+)\]/g)].flatMap(([, id, ids]) => (ids ?? id ?? '').split(','))
}

export const withoutIds = (frame: string): string => frame.replaceAll(/"id":\d{5,}/g, '"id":…').replaceAll(/"ids":\[[\d,]+\]/g, '"ids":…')
