import { Refusal } from '../../errors.js'

/**
 * What went wrong with a statement. `lost`: the connection broke, and nobody knows whether it was done. `conflict`: it was undone, and may be said
 * again at once. `unavailable`: it was not done, and the database can do nothing at the moment. `refused`: the statement itself is at fault.
 */
export type Failure = 'lost' | 'conflict' | 'unavailable' | 'refused'

const LOST = /^(08...|57P0[1235])$/
const CONFLICT = /^(40001|40P01)$/
// Out of something, a lock or the statement took too long, a standby that takes no writes, a fault of the machine.
const UNAVAILABLE = /^(53...|55P03|57014|57P04|25006|58...)$/

export function failureOf(error: unknown): Failure {
  if (error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError) return 'refused'
  const state = sqlState(error)
  // What does not come from the server comes from the way to it.
  if (state === undefined || LOST.test(state)) return 'lost'
  if (CONFLICT.test(state)) return 'conflict'
  return UNAVAILABLE.test(state) ? 'unavailable' : 'refused'
}

/** PostgreSQL's code of an error that it answered. */
export function sqlState(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || !('severity' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

/** The error that a caller is given. */
export function told(error: unknown): unknown {
  if (error instanceof Refusal || failureOf(error) === 'refused') return error
  return new Refusal(503, 'records_unavailable', 'The server cannot reach its database. Try again in a moment.', {
    retryable: true,
    cause: error,
  })
}
