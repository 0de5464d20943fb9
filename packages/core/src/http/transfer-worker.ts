/**
 * The Worker's file. The build makes one file of it that imports nothing, so that a page can host it where it likes
 * (`@upload-panel/core/transfer-worker`, given as `worker`).
 */
import { systemClock } from '../clock.js'
import { protocolReader } from './protocol-reader.js'
import { createTransferService } from './transfer-service.js'
import { WORKER_VERSION, type WorkerOrder, type WorkerWord } from './worker-messages.js'
import { sendByXhr } from './xhr-client.js'

const post = (word: WorkerWord) => self.postMessage(word)
const hear = createTransferService({
  clock: systemClock,
  send: (request) => sendByXhr(systemClock, request),
  protocolOf: protocolReader(),
  post,
})
self.onmessage = ({ data }: MessageEvent<WorkerOrder>) => hear(data)
post({ ready: WORKER_VERSION })
