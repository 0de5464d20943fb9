import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'

/** A request whose bytes are sent step by step, by default without a content length. */
export interface SlowPut {
  write(bytes: Uint8Array): Promise<void>
  /** Ends the body; answers status and problem code. */
  end(): Promise<{ readonly status: number; readonly code: string | undefined }>
  /** The answer, where one comes before the body has ended. */
  readonly answer: Promise<{ readonly status: number; readonly code: string | undefined }>
  /** Cuts the connection. */
  cut(): Promise<void>
}

export function slowPut(url: string, headers: Record<string, string | number> = {}, method = 'PUT'): SlowPut {
  const outgoing = request(url, { method, headers })
  const answer = (async () => {
    const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage]
    let text = ''
    for await (const chunk of incoming) text += String(chunk)
    return { status: incoming.statusCode ?? 0, code: text === '' ? undefined : (JSON.parse(text) as { code: string }).code }
  })()
  // Whoever cuts the connection does not wait for an answer.
  answer.catch(() => {})
  outgoing.on('error', () => {})
  return {
    answer,
    write: (bytes) =>
      new Promise((resolve, reject) => {
        outgoing.write(bytes, (error) => (error ? reject(error) : resolve()))
      }),
    end() {
      outgoing.end()
      return answer
    },
    async cut() {
      const closed = new Promise((resolve) => outgoing.once('close', resolve))
      outgoing.destroy()
      await closed
    },
  }
}
