import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Stoppable } from './service.ts'

/** A server of this process. */
export interface HttpService extends Stoppable {
  /** Without a slash at the end. */
  readonly url: string
}

/**
 * Serves on 127.0.0.1. Stopping cuts what is under way, as a crash would.
 * @param port the one that it had before, for a server that comes back
 */
export async function serveHttp(
  answer: (request: IncomingMessage, response: ServerResponse) => void | Promise<void>,
  port = 0,
): Promise<HttpService> {
  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // A client that goes away in the middle of a request is a part of the tests, not an error of the server.
    request.on('error', () => {})
    try {
      await answer(request, response)
    } catch (error) {
      if (response.headersSent || response.destroyed) response.destroy()
      else response.writeHead(500, { 'content-type': 'text/plain' }).end(String(error))
    }
  }

  const server = createServer((request, response) => void serve(request, response))
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

/** Answers with JSON. */
export function sendJson(response: ServerResponse, status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers }).end(JSON.stringify(body))
}
