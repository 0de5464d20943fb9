import { request } from 'node:http'
import { text } from 'node:stream/consumers'

/** A connection for each request: one that is kept open would not survive what tests do to the server. */
export function post(port: number, body: string, path = '/', headers: Readonly<Record<string, string>> = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, method: 'POST', agent: false, headers }, (response) => {
      const answered = text(response)
      answered.then((answer) => (response.statusCode === 200 ? resolve(answer) : reject(new Error(answer))), reject)
    })
    sent.on('error', reject)
    sent.end(body)
  })
}
