// @ts-check
import { createUploader, httpBackend } from '@upload-panel/core'
import { socketIo } from '@upload-panel/core/socket-io'
import { sse } from '@upload-panel/core/sse'
import { stomp } from '@upload-panel/core/stomp'
import { supabase, tableChanges } from '@upload-panel/core/supabase'

/** Made from what can be sent into a page; as an application makes them else. */
const transports = {
  sse: (/** @type {any} */ { url, token }) => sse({ url, headers: { authorization: `Bearer ${token}` }, heartbeatMs: 1000 }),
  'socket-io': (/** @type {any} */ { url, token }) => socketIo({ url, auth: () => ({ token }), heartbeatMs: 3000 }),
  stomp: (/** @type {any} */ { url, connectHeaders }) =>
    stomp({ url, connectHeaders: () => connectHeaders, destination: { job: '/topic/job.{jobId}' }, heartbeatMs: 3000 }),
  supabase: (/** @type {any} */ { url, key, token, changes }) =>
    supabase({ url, key, accessToken: async () => token, heartbeatMs: 3000, ...(changes && { changes: tableChanges() }) }),
}

/**
 * Follows the job of an earlier page, whose uploads come back from the snapshot. Each has a row that shows how it stands.
 * @param {{ transport: keyof typeof transports, options: object, backend: string, jobId: string }} wanted
 */
window.follow = ({ transport, options, backend, jobId }) => {
  const uploader = createUploader({ backend: httpBackend({ url: backend }), realtime: transports[transport](options), jobId })
  /** @type {Map<number, number>} When each progress was on the screen first, in milliseconds since the epoch. */
  const paintedAt = new Map()
  const list = document.body.appendChild(document.createElement('ul'))
  uploader.on('added', (items) => {
    for (const { id } of items) {
      const row = list.appendChild(document.createElement('li'))
      uploader.$item(id).subscribe((item) => {
        const progress = item?.server?.progress ?? 0
        row.textContent = `${item?.name}: ${item?.phase} ${progress} %`
        if (paintedAt.has(progress)) return
        paintedAt.set(progress, NaN)
        // The first task after the frame that shows it.
        requestAnimationFrame(() => setTimeout(() => paintedAt.set(progress, Date.now())))
      })
    }
  })
  uploader.start()
  window.uploader = uploader
  window.paintedAt = (progress) => paintedAt.get(progress) || 0
}

window.states = () =>
  Object.fromEntries(
    window.uploader.items().map((item) => [item.operationId, `${item.phase} ${item.server?.status} ${item.server?.progress}`]),
  )
window.isReady = true
