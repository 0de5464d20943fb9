import { PROTOCOL_HEADER, PROTOCOL_VERSION } from '@upload-panel/core/protocol'
import { type Context, Hono } from 'hono'
import { Refusal, serverClosing } from '../errors.js'
import type { Logger } from '../logger.js'
import type { Cors } from '../security/cors.js'
import { refuseCrossSite } from '../security/cross-site.js'
import { refuseLongHead } from '../security/refuse-long-head.js'
import { TUS_PATH } from '../storage/tus/path.js'
import { cancelUploadRoute } from './cancel-upload.js'
import { connectionRoute } from './connection.js'
import { completeUploadRoute } from './complete-upload.js'
import { createUploadsRoute } from './create-uploads.js'
import { eventsRoute } from './events.js'
import { healthRoute } from './health.js'
import { jobRoute } from './job.js'
import { listPartsRoute } from './list-parts.js'
import { openApiRoute } from './openapi.js'
import { problemResponse } from './problem.js'
import { livenessRoute, type Readiness, readinessRoute } from './readiness.js'
import { receiveBytesRoute } from './receive-bytes.js'
import { reportProgressRoute } from './report-progress.js'
import type { RequestLog, RequestVariables } from './request-log.js'
import { retryUploadRoute } from './retry-upload.js'
import type { Rooms, Route } from './rooms.js'
import { signPartsRoute } from './sign-parts.js'
import { snapshotRoute } from './snapshot.js'
import { tusRoute } from './tus.js'
import { receiveWebhookRoute } from './webhook-receive.js'
import { triggerWebhookRoute } from './webhook-trigger.js'
import { subscribeTokenRoute } from './subscribe-token.js'

export interface RoutesOptions {
  readonly rooms: Rooms
  readonly basePath: string
  readonly cors: Cors
  /** Origins that may send commands with cookies. */
  readonly allowedOrigins: readonly string[]
  /** Once true, every request is refused. */
  isClosing(): boolean
  readonly isReady: Readiness
  readonly log: RequestLog
  /** Whether the document of the routes is served. */
  readonly hasOpenApi: boolean
  readonly logger: Logger
}

/** The table of all routes, and what every answer has in common. */
export function createRoutes({
  rooms,
  basePath,
  cors,
  allowedOrigins,
  isClosing,
  isReady,
  log,
  hasOpenApi,
  logger,
}: RoutesOptions): Hono<{ Variables: RequestVariables }> {
  const app = new Hono<{ Variables: RequestVariables }>().basePath(basePath)

  const answer = (route: Route) => async (context: Context) => {
    const request = context.req.raw
    const value = await route({ request, id: context.req.param('id') ?? '', query: new URL(request.url).searchParams })
    return value instanceof Response ? value : context.json(value)
  }
  const command = (route: Route) =>
    answer((input) => {
      refuseCrossSite(input.request, allowedOrigins)
      return route(input)
    })

  app.use(log.middleware)
  app.use(async (context, next) => {
    await next()
    const { headers } = context.res
    headers.set(PROTOCOL_HEADER, PROTOCOL_VERSION)
    if (!headers.has('cache-control')) headers.set('cache-control', 'no-store')
    headers.set('x-content-type-options', 'nosniff')
    cors(context.req.raw, headers)
  })

  // Probes are answered to the end, by whatever method they come.
  app.get('/health/live', answer(livenessRoute))
  app.get('/health/ready', answer(readinessRoute(isReady)))

  app.use((context, next) => {
    if (isClosing()) throw serverClosing()
    refuseLongHead(context.req.raw, rooms.limits.maxHeaderLength)
    // Answered as a GET without its body, an event stream would stay open with nobody to read it.
    if (context.req.method === 'HEAD' && !context.req.path.startsWith(`${basePath}/${TUS_PATH}/`))
      throw new Refusal(405, 'method_not_allowed', 'Ask with GET.')
    return next()
  })

  app.post('/commands/upload-jobs', command(createUploadsRoute(rooms)))
  app.post('/commands/uploads/:id/parts', command(signPartsRoute(rooms)))
  app.post('/commands/uploads/:id/complete', command(completeUploadRoute(rooms)))
  app.post('/commands/uploads/:id/cancel', command(cancelUploadRoute(rooms)))
  app.post('/commands/uploads/:id/retry', command(retryUploadRoute(rooms)))
  app.post('/commands/upload/progress', command(reportProgressRoute(rooms)))
  app.post('/commands/connection', command(connectionRoute(rooms)))
  app.post('/commands/subscribe-token', command(subscribeTokenRoute(rooms)))
  app.post('/queries/operations', command(snapshotRoute(rooms)))
  app.get('/queries/uploads/:id/parts', answer(listPartsRoute(rooms)))
  app.get('/queries/upload-jobs/:id', answer(jobRoute(rooms)))
  app.get('/queries/health', answer(healthRoute(rooms)))
  // Like a command: another site must not open streams with the user's cookies, though it could not read them.
  app.get('/events', command(eventsRoute(rooms)))
  app.put('/storage/:id', answer(receiveBytesRoute(rooms)))
  app.all(`/${TUS_PATH}`, answer(tusRoute(rooms)))
  app.all(`/${TUS_PATH}/:id`, answer(tusRoute(rooms)))
  app.post('/webhooks/:id', answer(receiveWebhookRoute(rooms)))
  app.put('/webhooks/:id', command(triggerWebhookRoute(rooms)))
  if (hasOpenApi) app.get('/openapi.json', answer(openApiRoute()))
  // Browsers ask before they send JSON to another origin.
  app.options('*', () => new Response(null, { status: 204 }))

  app.notFound(() => problemResponse(new Refusal(404, 'unknown_route', 'There is nothing here.')))
  app.onError((error, context) => {
    if (error instanceof Refusal) {
      const { code, message, cause } = error
      const why = cause instanceof Error ? cause.message : cause
      logger.debug(`Refused: ${code}.`, { request_id: context.get('requestId'), code, message, ...(why !== undefined && { why }) })
      return problemResponse(error)
    }
    if (context.req.raw.signal.aborted)
      return problemResponse(new Refusal(400, 'request_aborted', 'The request ended before its time.', { retryable: true }))
    logger.error(`${context.req.method} ${context.req.path} failed.`, { request_id: context.get('requestId'), error })
    return problemResponse(new Refusal(500, 'internal', 'The server had a fault of its own.', { retryable: true }))
  })
  return app
}
