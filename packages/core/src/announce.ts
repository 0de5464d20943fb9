import type { Emitter } from './events.js'
import type { Commit } from './store/upload-store.js'
import type { UploaderEvents } from './uploader.js'

/** Commits, as the facts that users of `on` wait for. */
export function announce(emitter: Emitter<UploaderEvents>, { before, after, event }: Commit): void {
  if (before === undefined || after === undefined) return
  emitter.emit('changed', after, before)
  // What another tab says of its items, and what changes hands, is no fact of this one.
  if (event === undefined) return
  if (before.phase === 'uploading' && after.phase === 'uploading') return emitter.emit('progressed', after)
  if (after.phase === before.phase) return
  if (event.type === 'transferred') emitter.emit('transferred', after)
  switch (after.phase) {
    case 'uploading':
      // A run that goes on where an earlier one of the same attempt was stopped is no new start.
      if (!('sentBytes' in before)) emitter.emit('started', after)
      break
    case 'failed':
      emitter.emit(before.phase === 'completed' ? 'revoked' : 'failed', after)
      break
    case 'processing':
      emitter.emit('processing', after)
      break
    case 'completed':
      emitter.emit('completed', after)
      break
    case 'cancelled':
      emitter.emit('cancelled', after)
      break
    default:
  }
}
