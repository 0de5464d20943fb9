export type { RetryOptions } from './backoff.js'
export type { UploadBackend, UploadBackendFactory } from './backends/backend.js'
export type { HttpBackendOptions } from './backends/http-backend.js'
export { httpBackend } from './backends/http-backend.js'
export type { FormResponse, PostFormOptions } from './backends/post-form.js'
export { postForm } from './backends/post-form.js'
export type { PutTarget } from './backends/put-to.js'
export { putTo } from './backends/put-to.js'
export { createUploader } from './create-uploader.js'
export type { Clock, Environment, WakeReason } from './environment.js'
export { browserEnvironment } from './environment.js'
export type { UploadErrorCode, UploadErrorDetails } from './errors.js'
export { UploadError } from './errors.js'
export type { HeadersOption } from './http/policy/headers.js'
export type { FormFields, HttpClient, HttpRequest, HttpResponse } from './http/http-client.js'
export type { TrustedScriptUrl, WorkerUrl } from './http/spawn-worker.js'
export type { FileFacts, ItemIn, ServerState, UploadItem, UploadPhase, WaitReason } from './item/item.js'
export type { Restrictions } from './item/restrictions.js'
export type { UploaderOptions } from './options.js'
export type {
  FileHandle,
  KeptUpload,
  Persistence,
  PersistenceFactory,
  PersistenceHost,
  QueueCommand,
  RestoredUpload,
} from './persistence/persistence.js'
export type { HookContext, PrepareHook, Validator } from './queue/hooks.js'
export type { ConnectSync, SyncSession, SyncSessionOptions } from './realtime/sync-session.js'
export type { ConnectionStatus, RealtimeFactory, RealtimeTransport, Topic, TopicHandlers } from './realtime/transport.js'
export { NOT_CONNECTED } from './realtime/transport.js'
export type { UploadSummary } from './store/summary.js'
export { EMPTY_SUMMARY } from './store/summary.js'
export type { FormAnswer, TextFields } from './strategies/form.js'
export type { FileToSend } from './strategies/signed.js'
export type { StorageRequest, TransferContext, TransferResult, UploadSource, UploadStrategy } from './strategies/strategy.js'
export type {
  AddInput,
  AddOptions,
  ClearFilter,
  FileWithPath,
  RejectedFile,
  Uploader,
  UploaderEvents,
  UploaderInspection,
} from './uploader.js'
