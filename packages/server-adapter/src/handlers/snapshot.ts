import { isId, MAX_SNAPSHOT_PAGE, type SnapshotAnswer } from '@upload-panel/core/protocol'
import { Refusal } from '../errors.js'
import type { Selection } from '../records/operation-records.js'
import type { Follower } from '../security/authorize.js'
import { notGranted } from '../security/refusals.js'
import { MAX_CURSOR_LENGTH } from './events.js'
import { readJson } from './read-json.js'
import type { Rooms, Route } from './rooms.js'

/** `POST /queries/operations`: what a subject's operations are now, or what has changed since a cursor. Unknown ids are simply not in the answer. */
export function snapshotRoute(rooms: Rooms): Route {
  const { access, manager, clock } = rooms
  return async ({ request }): Promise<SnapshotAnswer> => {
    const follower = await access.follower(request, 'snapshot')
    const body = await readJson(request, rooms)
    const { cursor } = body
    if (cursor !== undefined && (typeof cursor !== 'string' || cursor.length > MAX_CURSOR_LENGTH))
      throw new Refusal(422, 'invalid_cursor', 'cursor must be one that this server gave out.')
    const selection = await granted(follower, readSelection(body))
    const { subject } = follower
    const page = await manager.snapshot({ subject, selection, limit: MAX_SNAPSHOT_PAGE, ...(cursor !== undefined && { cursor }) })
    return { ...page, server_time: new Date(clock.now()).toISOString() }
  }
}

/** What of a selection may be followed. An operation that may not is as if there were none. */
async function granted(follower: Follower, selection: Selection): Promise<Selection> {
  if (follower.followsAll) return selection
  if (selection === 'all' || !selection.jobIds.every(follower.followsJob)) throw notGranted()
  const isGranted = await Promise.all(selection.operationIds.map((id) => follower.operation(id).then(() => true, isUnknown)))
  return { ...selection, operationIds: selection.operationIds.filter((_id, index) => isGranted[index]) }
}

/** Rejects with what is no refusal. */
function isUnknown(error: unknown): false {
  if (error instanceof Refusal) return false
  throw error
}

function readSelection({ ids, job_id, all }: Record<string, unknown>): Selection {
  if (all === true) return 'all'
  if (isId(job_id)) return { jobIds: [job_id], operationIds: [] }
  if (Array.isArray(ids) && ids.length <= MAX_SNAPSHOT_PAGE && ids.every(isId)) return { jobIds: [], operationIds: ids }
  throw new Refusal(422, 'invalid_selection', `Name what to show: ids (at most ${MAX_SNAPSHOT_PAGE}), job_id, or all: true.`)
}
