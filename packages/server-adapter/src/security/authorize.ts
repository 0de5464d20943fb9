import { isId, type SyncStatusUpdate } from '@upload-panel/core/protocol'
import { Refusal } from '../errors.js'
import type { OperationRecord, OperationRecords } from '../records/operation-records.js'
import type { ClientAddresses } from './client-address.js'
import type { RateLimiter, RateLimits } from './rate-limits.js'
import { TOKEN_EXPIRED, unauthorized } from './refusals.js'
import type { SubscribeGrant, SubscribeTokens } from './subscribe-tokens.js'

/** The subject of an open server, and of operations that nobody was named for. */
export const EVERYONE = 'everyone'

/** What a request wants to do. */
export type Action =
  | 'create'
  | 'sign-parts'
  | 'list-parts'
  | 'complete'
  | 'cancel'
  | 'retry'
  | 'report-progress'
  | 'read-job'
  | 'snapshot'
  | 'subscribe'
  | 'read-health'
  | 'report-connection'

/** What `authorize` is asked. */
export interface AuthorizeInput {
  /** Its headers say who asks; its body must be left alone. */
  readonly request: Request
  readonly action: Action
  /** The operation that the request names, where it exists, whosever it is. */
  readonly operation?: SyncStatusUpdate
}

/** Whose a request is. */
export interface Authorized {
  /** 1 to 200 characters that stay the same for the same person. */
  readonly subject: string
  /** When the permission ends, milliseconds since the epoch: subscriptions that were opened with it end then, and have to be asked for again. @default never */
  readonly expiresAtMs?: number
}

/**
 * Says whose request this is: a `subject`, and until when, or `null` to refuse it (401). A `Refusal` that it throws is the answer.
 * Nobody but its subject ever sees or changes an operation: for everyone else it is unknown.
 */
export type Authorize = (input: AuthorizeInput) => Promise<Authorized | null> | Authorized | null

/** Everyone is the same subject: for demos, and for networks where everyone may see and change everything. */
export const authorizeEveryone: Authorize = () => ({ subject: EVERYONE })

/** Whose a subscription or a question is, and what it may be about. */
export interface Follower extends Authorized {
  /** Whether it may follow all operations of its subject. */
  readonly followsAll: boolean
  /** Whether it may follow a job: nothing is heard of another's. */
  followsJob(jobId: string): boolean
  /** An operation that it may follow. Refuses with 401, and with 404 where it is unknown, another's, or not granted. */
  operation(operationId: string): Promise<OperationRecord>
}

/** The door of every route. */
export interface Access {
  /** Whose request this is. Refuses with 401, and with 429 where there are too many. */
  subject(request: Request, action: Action): Promise<string>
  /** Whose request this is, and until when. Refuses with 401, and with 429 where there are too many. */
  authorized(request: Request, action: Action): Promise<Authorized>
  /** The operation that a request names. Refuses with 401, with 404 where it is unknown or another's, and with 429 where there are too many. */
  operation(request: Request, action: Action, operationId: string): Promise<OperationRecord>
  /** Who follows: by who it is, or by a subscribe token, which allows this and nothing else. Refuses like `authorized`. */
  follower(request: Request, action: 'subscribe' | 'snapshot'): Promise<Follower>
  /** Counts what fails of another proof than `authorize` asks for. Refuses with 429 where too much of one address has failed. */
  proven<T>(request: Request, prove: () => Promise<T>): Promise<T>
  /** Counts a job that is begun. Refuses with 429 where there are too many. */
  beginsJob(request: Request, subject: string): void
}

/** What stands before `authorize`. */
export interface AccessGuards {
  readonly rates: RateLimiter
  readonly addresses: ClientAddresses
  readonly tokens: SubscribeTokens
}

export function createAccess(records: OperationRecords, authorize: Authorize, { rates, addresses, tokens }: AccessGuards): Access {
  // A request is counted once, however many operations it names.
  const counted = new WeakSet<Request>()

  async function ask(input: AuthorizeInput): Promise<Authorized> {
    const { request, action } = input
    const answer = await proven(request, () => authorized(input))
    countOnce(request, RATES[action] ?? 'commands', keyOf(request, answer.subject))
    return answer
  }

  async function proven<T>(request: Request, prove: () => Promise<T>): Promise<T> {
    const address = addresses.keyOf(request)
    if (address === undefined) return prove()
    if (!counted.has(request)) rates.check('failures', address)
    try {
      return await prove()
    } catch (error) {
      if (isFailure(error)) countOnce(request, 'failures', address)
      throw error
    }
  }

  async function authorized(input: AuthorizeInput): Promise<Authorized> {
    const answer = await authorize(input)
    // Plain JavaScript may forget to answer: that is no permission.
    if (!answer) throw unauthorized()
    if (!isId(answer.subject))
      throw new TypeError('authorize() must answer a subject of 1 to 200 characters without control characters, or null.')
    return answer
  }

  function countOnce(request: Request, what: keyof RateLimits, key: string): void {
    if (counted.has(request)) return
    counted.add(request)
    rates.take(what, key)
  }

  /** Where all are one subject, one of them must not use up what the others need. */
  function keyOf(request: Request, subject: string): string {
    const address = subject === EVERYONE ? addresses.keyOf(request) : undefined
    return address === undefined ? `subject ${subject}` : `address ${address}`
  }

  async function ownOperation(request: Request, action: Action, operationId: string): Promise<OperationRecord> {
    const record = isId(operationId) ? await records.get(operationId) : undefined
    const { subject } = await ask({ request, action, ...(record !== undefined && { operation: record.word }) })
    if (record === undefined || record.subject !== subject) throw unknownOperation()
    return record
  }

  function byToken(request: Request, action: Action, grant: SubscribeGrant): Follower {
    const { subject, expiresAtMs, all, jobIds, operationIds } = grant
    countOnce(request, RATES[action] ?? 'commands', keyOf(request, subject))
    return {
      subject,
      expiresAtMs,
      followsAll: all,
      followsJob: (jobId) => all || jobIds.includes(jobId),
      async operation(operationId) {
        const isGranted = isId(operationId) && (all || operationIds.includes(operationId) || jobIds.length > 0)
        const record = isGranted ? await records.get(operationId) : undefined
        const isOfJob = record?.word.job_id !== undefined && jobIds.includes(record.word.job_id)
        if (record?.subject !== subject || !(all || isOfJob || operationIds.includes(operationId))) throw unknownOperation()
        return record
      },
    }
  }

  return {
    subject: async (request, action) => (await ask({ request, action })).subject,
    authorized: (request, action) => ask({ request, action }),
    operation: ownOperation,
    async follower(request, action) {
      const grant = await proven(request, () => tokens.read(request))
      if (grant !== undefined) return byToken(request, action, grant)
      const answer = await ask({ request, action })
      return {
        ...answer,
        followsAll: true,
        followsJob: () => true,
        operation: (operationId) => ownOperation(request, action, operationId),
      }
    },
    proven,
    beginsJob: (request, subject) => rates.take('jobs', keyOf(request, subject)),
  }
}

/** What else than a command an action is, to those who count. */
const RATES: Partial<Record<Action, keyof RateLimits>> = {
  subscribe: 'streams',
  snapshot: 'queries',
  'read-job': 'queries',
  'read-health': 'queries',
  'list-parts': 'queries',
}

/** Whether somebody tries what he may not: an old token is no such attempt, and neither is a fault of ours. */
function isFailure(error: unknown): boolean {
  return error instanceof Refusal && (error.status === 401 || error.status === 403) && error.code !== TOKEN_EXPIRED
}

function unknownOperation(): Refusal {
  return new Refusal(404, 'unknown_operation', 'There is no such operation.')
}
