import type { UploadItem } from '@upload-panel/core'
import { viewItem } from '../list/item-view.js'
import type { Messages } from '../messages/messages.js'
import type { ProgressView } from '../status/operation-row.js'
import { outcomeOfItem } from './outcome.js'

/** An upload of this page: its bytes, and then the server's work on it, on one bar. */
export function viewItemProgress(item: UploadItem, messages: Messages): ProgressView {
  return { ...viewItem(item, messages), isEnded: outcomeOfItem(item) !== 'running' }
}
