import type { UploadItem, Uploader } from '@upload-panel/core'
import type { Announcer } from './announcer.js'

/** Tells an announcer what happens in an uploader. Returns the end of it. */
export function announce(uploader: Uploader, announcer: Announcer): () => void {
  announcer.connection(uploader.$connection.get())
  const stops: readonly (() => void)[] = [
    uploader.on('failed', (item) => announcer.failed(item)),
    uploader.on('revoked', (item) => announcer.failed(item)),
    uploader.on('rejected', (files) => announcer.rejected(files)),
    uploader.on('changed', (item, before) => {
      if (isOverdue(item) && !isOverdue(before)) announcer.overdue(item)
    }),
    uploader.$summary.listen((summary) => announcer.progressed(summary)),
    uploader.$connection.listen((status) => announcer.connection(status)),
  ]
  return () => {
    for (const stop of stops) stop()
  }
}

function isOverdue(item: UploadItem): boolean {
  return item.phase === 'processing' && item.overdue
}
