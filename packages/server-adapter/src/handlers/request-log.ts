import { createHash } from 'node:crypto'
import type { Context, MiddlewareHandler } from 'hono'
import { matchedRoutes } from 'hono/route'
import type { Clock } from '../clock.js'
import type { Logger } from '../logger.js'
import type { Authorize } from '../security/authorize.js'

/** Header by which a request is found again in the logs of all who had a part in it. */
const REQUEST_ID_HEADER = 'x-request-id'

/** What handlers know of the request beside itself. */
export interface RequestVariables {
  readonly requestId: string
}

/** Tells a line of every request: whose it was, what it asked for, and how long its answer took. */
export interface RequestLog {
  /** Hears whose requests are. */
  watch(authorize: Authorize): Authorize
  readonly middleware: MiddlewareHandler<{ Variables: RequestVariables }>
}

export interface RequestLogOptions {
  readonly logger: Logger
  readonly clock: Clock
  readonly createId: () => string
}

/** What a proxy may call a request: nothing that could break a line, or fill a disk. */
const REQUEST_ID = /^[\w.:+=/-]{1,128}$/

/**
 * Only what may be kept for long: the pattern of the route in place of the URL, which has ids and signatures; a subject as a hash, by which its requests are found
 * together by those who know it. File names and tokens are in no line.
 */
export function createRequestLog({ logger, clock, createId }: RequestLogOptions): RequestLog {
  const subjects = new WeakMap<Request, string>()
  return {
    watch: (authorize) => async (input) => {
      const answer = await authorize(input)
      if (typeof answer?.subject === 'string') subjects.set(input.request, answer.subject)
      return answer
    },
    async middleware(context, next) {
      const given = context.req.header(REQUEST_ID_HEADER)
      const requestId = given !== undefined && REQUEST_ID.test(given) ? given : createId()
      context.set('requestId', requestId)
      const startedAt = clock.now()
      await next()
      context.res.headers.set(REQUEST_ID_HEADER, requestId)
      const { status } = context.res
      const route = patternOf(context)
      const subject = subjects.get(context.req.raw)
      const isProbe = route.endsWith('/health/live') || route.endsWith('/health/ready')
      logger[isProbe ? 'debug' : 'info'](`${context.req.method} ${route} ${status}`, {
        request_id: requestId,
        method: context.req.method,
        route,
        status,
        ms: clock.now() - startedAt,
        ...(subject !== undefined && { subject: hashed(subject) }),
      })
    },
  }
}

/** The path of the route that answered, as it was written down; of none, that of this middleware, which sees all. */
function patternOf(context: Context): string {
  const paths = matchedRoutes(context).map(({ path }) => path)
  return paths.filter((path) => path !== paths[0]).at(-1) ?? paths[0] ?? ''
}

function hashed(subject: string): string {
  return createHash('sha256').update(subject).digest('hex').slice(0, 12)
}
