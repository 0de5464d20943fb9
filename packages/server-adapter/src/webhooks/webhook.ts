import type { RemoteError, SyncStatusUpdate } from '@upload-panel/core/protocol'

/** A request of another server, as it came. */
export interface WebhookRequest {
  /** The bytes that were signed: whatever is read and written again is not the same text. */
  readonly body: Uint8Array
  readonly headers: Headers
  /** Milliseconds since the epoch. */
  readonly nowMs: number
}

/** What another server says of one operation. */
export type WebhookEvent = { readonly operationId: string } & (
  | {
      readonly kind: 'progress'
      /** 0..100. Shown progress does not go back: webhooks overtake each other. */
      readonly progress?: number
      readonly stage?: string
      readonly message?: string
      readonly processedItems?: number
      readonly failedItems?: number
      /** What is known of the result already; the end adds to it. */
      readonly result?: unknown
      /** The sender has all bytes of the upload: nobody waits for them any more. */
      readonly hasBytes?: boolean
    }
  | {
      readonly kind: 'completed'
      readonly result?: unknown
      readonly message?: string
      readonly hasBytes?: boolean
      /** Adds its fields to those of the result that is known, also where the operation is completed already. */
      readonly adds?: boolean
      /** Takes a failure of this code back: who refused has thought better of it. */
      readonly recoversFrom?: string
    }
  /** `revokes`: also what was completed. Without it an end absorbs a failure that comes late. */
  | { readonly kind: 'failed'; readonly error: RemoteError; readonly revokes?: boolean }
  | { readonly kind: 'cancelled'; readonly message?: string }
  | { readonly kind: 'reopened'; readonly message?: string }
  /** Its bytes in storage have come or gone: storage is asked which. */
  | { readonly kind: 'stored-bytes' }
)

/** What one request of another server comes down to. */
export interface WebhookDelivery {
  /** Names it among the deliveries of its sender: one that comes again changes nothing. */
  readonly id: string
  readonly events: readonly WebhookEvent[]
}

/** One that sends webhooks to `POST /webhooks/{its name}`. Without state, so that every node can answer each of them. */
export interface WebhookProvider {
  /** Reads a request, once its sender is proven. Refuses with a `Refusal`: 401 where it is not, 400 and 422 where it makes no sense. */
  receive(request: WebhookRequest): WebhookDelivery | Promise<WebhookDelivery>
  /** What the sender knows of an operation, for a client that does not wait for the webhook. @default storage is asked whether its bytes are there */
  ask?(operation: SyncStatusUpdate): Promise<readonly WebhookEvent[]>
}
