import { type ConnectionEvent, type ConnectionReport, isId, sanitizeText } from '@upload-panel/core/protocol'
import { Refusal } from '../errors.js'
import { readJson } from './read-json.js'
import type { Rooms, Route } from './rooms.js'

const EVENTS: ReadonlySet<unknown> = new Set<ConnectionEvent>(['connect', 'ping', 'latency', 'disconnect'])
const STATUSES: ReadonlySet<unknown> = new Set<ConnectionReport['status']>(['connected', 'disconnected', 'reconnecting', 'error'])

/** What is more than this is not counted: columns of a database have an end. */
const MAX_LATENCY_MS = 3_600_000
const MAX_ATTEMPTS = 1_000_000

/** `POST /commands/connection`: a client tells how its realtime connection stands. */
export function connectionRoute(rooms: Rooms): Route {
  const { access, connections } = rooms
  return async ({ request }) => {
    const subject = await access.subject(request, 'report-connection')
    connections.report(subject, readReport(await readJson(request, rooms)))
    return new Response(null, { status: 204 })
  }
}

function readReport(body: Record<string, unknown>): ConnectionReport {
  const { connection_id, event, status, transport, latency, reconnect_attempts: attempts } = body
  const isNumberOrNone = (value: unknown) => value === undefined || value === null || (Number.isFinite(value) && Number(value) >= 0)
  const isMeant =
    isId(connection_id) &&
    EVENTS.has(event) &&
    (status === undefined || STATUSES.has(status)) &&
    (transport === undefined || typeof transport === 'string') &&
    isNumberOrNone(latency) &&
    isNumberOrNone(attempts)
  if (!isMeant) {
    throw new Refusal(422, 'invalid_connection', 'Name a connection_id, and an event: connect, ping, latency or disconnect.')
  }
  return {
    connection_id,
    event: event as ConnectionEvent,
    ...(status !== undefined && { status: status as NonNullable<ConnectionReport['status']> }),
    ...(typeof transport === 'string' && { transport: sanitizeText(transport, 50) }),
    ...(typeof latency === 'number' && { latency: Math.min(latency, MAX_LATENCY_MS) }),
    ...(typeof attempts === 'number' && { reconnect_attempts: Math.floor(Math.min(attempts, MAX_ATTEMPTS)) }),
  }
}
