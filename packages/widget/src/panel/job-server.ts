import { httpBackend } from '@upload-panel/core'
import { serverStream } from '../shared/server-stream.js'
import type { UploaderSettings } from '../shared/make-uploader.js'
import type { JobTally } from './job-tally.js'

/** Where a panel's server is, and how its word arrives. */
export type JobServer = Pick<UploaderSettings, 'endpoint' | 'realtime'>

/** Has the server tell of a job, by code that few pages load. Without it, or without the server's consent, what the page knows itself is still told. */
export function askServer(jobId: string, { endpoint, realtime }: JobServer, { hear, hearAll }: JobTally): () => void {
  let isOver = false
  let stop: (() => void) | undefined
  import('@upload-panel/core/follow-job').then(
    ({ followJob }) => {
      if (isOver) return
      stop = followJob({
        jobId,
        backend: httpBackend({ url: endpoint }),
        ...(realtime === 'sse' && { realtime: serverStream(endpoint) }),
        onWord: hear,
        onWhole: hearAll,
      })
    },
    () => {},
  )
  return () => {
    isOver = true
    stop?.()
  }
}
