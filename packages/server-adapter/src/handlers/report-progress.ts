import { isId, isRecord, MAX_SNAPSHOT_PAGE, type ProgressReport } from '@upload-panel/core/protocol'
import { Refusal } from '../errors.js'
import { readJson } from './read-json.js'
import type { Rooms, Route } from './rooms.js'

/** `POST /commands/upload/progress` */
export function reportProgressRoute(rooms: Rooms): Route {
  const { access, uploads } = rooms
  return async ({ request }) => {
    const subject = await access.subject(request, 'report-progress')
    await uploads.reportProgress(subject, readReports(await readJson(request, rooms)))
    return new Response(null, { status: 204 })
  }
}

function readReports({ uploads }: Record<string, unknown>): ProgressReport['uploads'] {
  const isReport = (report: unknown) =>
    isRecord(report) && isId(report['operation_id']) && Number.isSafeInteger(report['sent_bytes']) && Number(report['sent_bytes']) >= 0
  if (!Array.isArray(uploads) || uploads.length > MAX_SNAPSHOT_PAGE || !uploads.every(isReport)) {
    throw new Refusal(
      422,
      'invalid_progress',
      `uploads must be a list of at most ${MAX_SNAPSHOT_PAGE} operation ids with the bytes that were sent.`,
    )
  }
  return uploads as ProgressReport['uploads']
}
