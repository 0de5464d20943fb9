import { isTerminal, type SyncStatusUpdate } from '@upload-panel/core/protocol'

/**
 * Says that there is news, and not which. "Once an operation has shown a version, an unversioned message is only a hint that asks for a snapshot";
 * whoever has seen none must not take it for the end.
 */
export function hintOf({
  operation_id,
  operation_type,
  status,
  progress,
  timestamp,
  job_id,
  client_ref,
  attempt,
}: SyncStatusUpdate): SyncStatusUpdate {
  return {
    operation_id,
    operation_type,
    status: isTerminal(status) ? 'in_progress' : status,
    progress,
    timestamp,
    ...(job_id !== undefined && { job_id }),
    ...(client_ref !== undefined && { client_ref }),
    ...(attempt !== undefined && { attempt }),
  }
}
