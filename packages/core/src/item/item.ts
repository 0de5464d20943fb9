import type { UploadError } from '../errors.js'
import type { OperationStatus, Seen } from '../protocol/index.js'

/** Why an item waits. `backoff` and `offline` end by themselves, `auth` and `file` need the user. */
export type WaitReason = 'backoff' | 'offline' | 'auth' | 'file'

/** The server's last word on an item's operation: an axis of its own beside the phase. */
export interface ServerState {
  readonly operationId: string
  readonly status: OperationStatus
  /** Of the server's own work, 0..100; never goes back while one run of the processing lasts. */
  readonly progress: number
  /** What the server is doing, in its own short word. Plain text. */
  readonly stage?: string | undefined
  /** For people, plain text. */
  readonly message?: string | undefined
  /** What decides whether the next word is newer (protocol rule 1). */
  readonly seen: Seen
}

/** What an item says of its file. */
export type FileFacts = Pick<ItemBase, 'name' | 'size' | 'type'>

interface ItemBase {
  /** Random, made by the client; known to the server as `client_ref`. */
  readonly id: string
  readonly name: string
  /** Bytes. */
  readonly size: number
  /** MIME type as the browser guessed it; may be empty. */
  readonly type: string
  /** Path below the dropped folder, with `/`. */
  readonly relativePath?: string
  /** Milliseconds since the epoch. */
  readonly addedAt: number
  /** Higher goes first. */
  readonly priority: number
  readonly metadata: Readonly<Record<string, unknown>>
  /** From 1; rises when the bytes are needed again for a new server operation. */
  readonly attempt: number
  /** The user's wish, beside the phase: a paused item takes no part in the transfer until it is resumed. */
  readonly paused: boolean
  /** Known once the server has planned the upload. */
  readonly operationId?: string
  readonly server?: ServerState
  /** The batch on the server, where it is not the uploader's own: the item is of an earlier page, or of a tab that is gone. */
  readonly jobId?: string
  /** Another tab's item, shown here: it changes by that tab's word alone, and what is asked of it is passed on. */
  readonly mirrored?: true
}

/** Bytes in storage from an earlier run of this attempt: paused, interrupted, or about to go on. */
interface Carried {
  readonly sentBytes?: number
}

/** Each phase with its own fields and no others. `phase` decides which exist. */
export type UploadItem = Readonly<
  ItemBase &
    (
      | ({ phase: 'queued' } & Carried)
      | ({ phase: 'preparing' } & Carried)
      | ({ phase: 'ready' } & Carried)
      | {
          phase: 'uploading'
          /** Bytes that the network has taken. */
          sentBytes: number
          /** Smoothed; absent until it is stable. */
          bytesPerSecond?: number
          secondsLeft?: number
        }
      | ({ phase: 'waiting'; reason: WaitReason; error: UploadError; retryAt?: number } & Carried)
      | {
          phase: 'processing'
          /** The processing deadline has passed with no word: "still checking", not failed. */
          overdue: boolean
        }
      | {
          phase: 'completed'
          /** The confirmed asset, as the server sent it. */
          result?: unknown
          /** The item was cancelled here, but the server had finished before the cancel reached it. */
          cancelTooLate?: true
        }
      | {
          phase: 'failed'
          error: UploadError
          /** Who gave up: this client, or the server (then the bytes may still be in storage). */
          by: 'self' | 'server'
        }
      | { phase: 'cancelled' }
    )
>

export type UploadPhase = UploadItem['phase']

/** The part of an item that one phase has, such as `ItemIn<'failed'>`. */
export type ItemIn<P extends UploadPhase> = Extract<UploadItem, { readonly phase: P }>
