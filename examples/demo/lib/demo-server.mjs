import { join } from 'node:path'
import { createSyncServer } from '@upload-panel/server-adapter'
import { disk } from '@upload-panel/server-adapter/disk'
import { toNodeListener } from '@upload-panel/server-adapter/node'
import { sqlite } from '@upload-panel/server-adapter/sqlite'
import { behaviourRoute, createBehaviour } from './behaviour.mjs'
import { confirmedFiles } from './confirmed-files.mjs'
import { sendProblem, writeHead } from './http.mjs'
import { isPageFile, sendPageFile } from './page.mjs'
import { createProcess } from './process-file.mjs'
import { serverJobs } from './server-jobs.mjs'
import { createThumbnails } from './thumbnails.mjs'

/**
 * The demo as one request listener: the page, the server adapter at `/uploads`, and what became of the files.
 *
 * @param {{ dataDirectory: string }} options
 */
export async function createDemoServer({ dataDirectory }) {
  const behaviour = createBehaviour()
  const thumbnails = createThumbnails(join(dataDirectory, 'thumbnails'))
  const sync = await createSyncServer({
    records: sqlite({ path: join(dataDirectory, 'uploads.db') }),
    storage: disk({ directory: join(dataDirectory, 'files') }),
    open: true,
    process: createProcess({ behaviour, thumbnails }),
  })
  const answerUploads = toNodeListener(sync, { basePath: '/uploads' })
  const answerBehaviour = behaviourRoute(behaviour)
  const ending = new AbortController()
  const answerJobs = serverJobs({ sync, signal: ending.signal })
  const sendConfirmed = confirmedFiles({ sync, thumbnails })

  /**
   * @param {import('./http.mjs').IncomingMessage} request
   * @param {import('./http.mjs').ServerResponse} response
   */
  async function answer(request, response) {
    // As it was sent: read as a URL, `//` would name a host, and much else nothing at all.
    const [pathname = '/'] = (request.url ?? '/').split('?', 1)
    if (pathname.startsWith('/uploads/')) return answerUploads(request, response)
    if (pathname === '/demo/behaviour') return answerBehaviour(request, response)
    if (pathname === '/demo/jobs') return answerJobs(request, response)
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return sendProblem(response, 405, 'method_not_allowed', 'Use GET.', { allow: 'GET, HEAD' })
    }
    if (isPageFile(pathname)) return sendPageFile(pathname, response)
    if (pathname === '/healthz') return writeHead(response, 200, { 'content-type': 'text/plain' }).end('ok\n')
    if (await sendConfirmed(pathname, response)) return undefined
    return sendProblem(response, 404, 'not_found', 'There is nothing here.')
  }

  /** @type {import('node:http').RequestListener} */
  function listener(request, response) {
    answer(request, response).catch((error) => {
      console.error(error)
      if (response.headersSent) response.destroy()
      else sendProblem(response, 500, 'internal_error', 'The demo has a fault; its console says more.')
    })
  }

  function close() {
    ending.abort()
    return sync.close()
  }

  return { listener, close }
}
