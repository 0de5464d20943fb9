export type {
  FileDescription,
  OperationStatus,
  OperationType,
  Parsed,
  RemoteError,
  SyncStatusUpdate,
} from './sync-status-update.js'
export { isTerminal, parseSyncStatusUpdate } from './sync-status-update.js'
export { isBoundedJson, isRecord, MAX_MESSAGE_SIZE } from './json.js'
export type {
  AnyPlan,
  CloudinaryPlan,
  FormPlan,
  MultipartPlan,
  PlanKind,
  PutPlan,
  SignedPart,
  StoredPart,
  TusPlan,
  UploadPlan,
} from './upload-plan.js'
export type { Checksum, ChecksumAlgorithm, PlannedChecksum } from './checksum.js'
export { STOMP_DESTINATIONS, stompDestination } from './stomp-destinations.js'
export { isChecksumAlgorithm, isDigest, MAX_SHA256_BYTES, parseChecksum } from './checksum.js'
export type { PartSizeRule } from './part-size.js'
export { partBytesFor } from './part-size.js'
export {
  isSignedPart,
  isStoredPart,
  MAX_PARTS,
  parseUploadPlan,
  readCloudinaryPlan,
  readFormPlan,
  readMultipartPlan,
  readPutPlan,
  readTusPlan,
} from './upload-plan.js'
export type {
  CompletedPart,
  CompleteRequest,
  CreatedUpload,
  CreateUploadFile,
  CreateUploadsAnswer,
  CreateUploadsRequest,
  InlineError,
  JobAnswer,
  JobStatus,
  ListPartsAnswer,
  ProgressReport,
  RefusedTopic,
  RetryAnswer,
  SignPartsAnswer,
  SignPartsRequest,
  SnapshotAnswer,
  SnapshotRequest,
  UpdateAnswer,
} from './jobs.js'
export {
  MAX_FILES_PER_CALL,
  MAX_SNAPSHOT_PAGE,
  PROTOCOL_HEADER,
  PROTOCOL_VERSION,
  REFUSED_EVENT,
  RESET_EVENT,
  SUPERSEDED,
  SYNC_STATUS_EVENT,
} from './jobs.js'
export type { ConnectionEvent, ConnectionReport } from './connection-report.js'
export type { HealthPart, HealthSigns, SystemHealth } from './health.js'
export { healthParts, judgeHealth } from './health.js'
export type { JobCounts, JobSummary } from './job-summary.js'
export { summariseJob } from './job-summary.js'
export { epochMs } from './time.js'
export type { Problem } from './problem.js'
export { parseProblem, PROBLEM_CONTENT_TYPE } from './problem.js'
export { isId, MAX_ID_LENGTH, MAX_TEXT_LENGTH, sanitizeText } from './text.js'
export type { Decode, Decoded } from './decode.js'
export { decodeBy, decodeSyncStatus, NO_TIME } from './decode.js'
export { jobProgress } from './dialects/job-progress.js'
export type { RowColumns, RowOptions } from './dialects/row.js'
export { row } from './dialects/row.js'
export { uploadProgress } from './dialects/upload-progress.js'
export type { OrderedBy, Ordering, Seen, Verdict, WordSource } from './order.js'
export { judge, remember } from './order.js'
