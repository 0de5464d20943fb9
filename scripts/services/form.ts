import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { sendJson, serveHttp } from './http-service.ts'
import { type ReceivedForm, readForm } from './multipart.ts'
import type { Stoppable } from './service.ts'

/**
 * What tests need to know of the form endpoint. Its paths say how it behaves:
 * `/uploads` takes the form and answers 201 with what it received and an `uploadId`; `/plain` answers 200 with `{"ok":true}`;
 * `/html` answers 200 with a page, as a login or a proxy does; `/too-large` answers 413 before it has read the body;
 * `/cut` resets the connection in the middle of the body;
 * `/throttled?key=…&times=2&retry-after=…` answers 429 so many times for a key, then as `/uploads` does;
 * `/uploads/{uploadId}` tells what was received.
 */
export interface FormService {
  /** Without a slash at the end. */
  readonly url: string
}

/** What the form endpoint tells of a form that it took. */
export interface TakenForm extends ReceivedForm {
  readonly uploadId: string
}

/** A server that takes multipart/form-data, keeps no bytes, and says what it has seen. It allows any origin. */
export async function startForm(): Promise<FormService & Stoppable> {
  const received = new Map<string, TakenForm>()
  const refusals = new Map<string, number>()

  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const form = { uploadId: randomUUID(), ...(await readForm(request)) }
    received.set(form.uploadId, form)
    sendJson(response, 201, form)
  }

  function isThrottled(query: URLSearchParams): boolean {
    const key = query.get('key') ?? ''
    const left = refusals.get(key) ?? Number(query.get('times') ?? 1)
    refusals.set(key, left - 1)
    return left > 0
  }

  return serveHttp(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://form')
    allowAnyOrigin(request, response)
    if (request.method === 'OPTIONS') return void response.writeHead(204).end()
    if (request.method === 'GET') {
      const form = received.get(pathname.slice('/uploads/'.length))
      return form ? sendJson(response, 200, form) : sendJson(response, 404, { error: 'There is no such upload.' })
    }
    if (request.method !== 'POST' && request.method !== 'PUT') return void response.writeHead(405, { allow: 'GET, POST, PUT' }).end()
    switch (pathname) {
      case '/uploads':
        return take(request, response)
      case '/plain':
        await readForm(request)
        return sendJson(response, 200, { ok: true })
      case '/html':
        await readForm(request)
        return void response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Sign in</title>')
      case '/too-large':
        return refuseUnread(request, response)
      case '/cut':
        return cutMidway(request)
      case '/throttled': {
        if (!isThrottled(searchParams)) return take(request, response)
        await readForm(request)
        return sendJson(response, 429, { error: 'Too many requests.' }, { 'retry-after': searchParams.get('retry-after') ?? '1' })
      }
      default:
        request.resume()
        return sendJson(response, 404, { error: 'There is no such form.' })
    }
  })
}

function allowAnyOrigin(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('access-control-allow-origin', request.headers.origin ?? '*')
  response.setHeader('access-control-allow-credentials', 'true')
  response.setHeader('access-control-expose-headers', 'Retry-After')
  response.setHeader('vary', 'Origin')
  const asked = request.headers['access-control-request-headers']
  if (asked !== undefined) response.setHeader('access-control-allow-headers', asked)
  response.setHeader('access-control-allow-methods', 'POST, PUT, GET')
}

/** As a web server does whose limit is lower than the Content-Length: it reads on for a while, so that the client sees the answer. */
function refuseUnread(request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(413, { 'content-type': 'text/html' }).end('<h1>413 Request Entity Too Large</h1>')
  request.resume()
}

async function cutMidway(request: IncomingMessage): Promise<void> {
  await once(request, 'data')
  request.socket.resetAndDestroy()
}
