import type { SyncStatusUpdate } from '@upload-panel/core/protocol'

/** What a test can tell the server adapter's process. */
export type SyncServerOrder =
  | { readonly do: 'publish'; readonly update: SyncStatusUpdate }
  /** Writes an update into every open stream, whatever the server knows. */
  | { readonly do: 'repeat'; readonly update: SyncStatusUpdate }
  /** Another token is the right one from now on, and every stream ends. */
  | { readonly do: 'expire'; readonly token: string }
  | { readonly do: 'health' }

/** Whose everything is. */
export const SUBJECT = 'tester'
