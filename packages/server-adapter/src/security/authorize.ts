import { isId, type SyncStatusUpdate } from '@upload-panel/core/protocol'
import { Refusal } from '../errors.js'
import type { OperationRecord, OperationRecords } from '../records/operation-records.js'

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
 * Says whose request this is: a `subject`, and until when, or `null` to refuse it (401).
 * Nobody but its subject ever sees or changes an operation: for everyone else it is unknown.
 */
export type Authorize = (input: AuthorizeInput) => Promise<Authorized | null> | Authorized | null

/** Everyone is the same subject: for demos, and for networks where everyone may see and change everything. */
export const authorizeEveryone: Authorize = () => ({ subject: EVERYONE })

/** The door of every route. */
export interface Access {
  /** Whose request this is. Refuses with 401. */
  subject(request: Request, action: Action): Promise<string>
  /** Whose request this is, and until when. Refuses with 401. */
  authorized(request: Request, action: Action): Promise<Authorized>
  /** The operation that a request names. Refuses with 401, and with 404 where it is unknown or another's. */
  operation(request: Request, action: Action, operationId: string): Promise<OperationRecord>
}

export function createAccess(records: OperationRecords, authorize: Authorize): Access {
  async function ask(input: AuthorizeInput): Promise<Authorized> {
    const answer = await authorize(input)
    // Plain JavaScript may forget to answer: that is no permission.
    if (!answer) throw new Refusal(401, 'unauthorized', 'Sign in to do this.')
    if (!isId(answer.subject))
      throw new TypeError('authorize() must answer a subject of 1 to 200 characters without control characters, or null.')
    return answer
  }
  return {
    subject: async (request, action) => (await ask({ request, action })).subject,
    authorized: (request, action) => ask({ request, action }),
    async operation(request, action, operationId) {
      const record = isId(operationId) ? await records.get(operationId) : undefined
      const { subject } = await ask({ request, action, ...(record !== undefined && { operation: record.word }) })
      if (record === undefined || record.subject !== subject) throw new Refusal(404, 'unknown_operation', 'There is no such operation.')
      return record
    },
  }
}
