import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { serve } from '@hono/node-server'
import { serveStatic } from '@hono/node-server/serve-static'
import { createSyncServer } from '@upload-panel/server-adapter'
import { disk } from '@upload-panel/server-adapter/disk'
import { toHonoHandler } from '@upload-panel/server-adapter/hono'
import { sqlite } from '@upload-panel/server-adapter/sqlite'
import { Hono } from 'hono'

const folder = fileURLToPath(new URL('.', import.meta.url))
const data = resolve(process.env.UPLOAD_PANEL_DATA || join(folder, '.data'))
mkdirSync(data, { recursive: true })

const sync = await createSyncServer({
  records: sqlite({ path: join(data, 'uploads.db') }),
  storage: disk({ directory: join(data, 'files') }),
  // An example: everyone may do everything. Your app says who somebody is with `authorize`.
  open: true,
  async process(operation, { file, progress, stage }) {
    stage('counting words')
    let words = 0
    let bytes = 0
    for await (const chunk of file.stream()) {
      words += new TextDecoder().decode(chunk).split(/\s+/).length
      bytes += chunk.length
      progress((bytes / file.size) * 100)
    }
    return { words, url: `/documents/${operation.operation_id}` }
  },
})

const app = new Hono()
app.all('/uploads/*', toHonoHandler(sync, { basePath: '/uploads' }))
app.get('/documents', async (context) => {
  const operations = await sync.manager.list()
  const confirmed = operations.filter(({ status, operation_type }) => status === 'completed' && operation_type === 'upload')
  return context.json(confirmed.map(({ operation_id: id, file }) => ({ id, name: file?.name ?? id, url: `/documents/${id}` })))
})
app.get('/documents/:id', async (context) => {
  const file = await sync.readFile(context.req.param('id'))
  if (file === undefined) return context.notFound()
  // Never shown by the browser as a page of this origin, whatever is in it.
  return new Response(file.stream(), {
    headers: { 'content-type': 'application/octet-stream', 'content-disposition': 'attachment', 'x-content-type-options': 'nosniff' },
  })
})
app.use('/*', serveStatic({ root: join(folder, 'dist') }))

const server = serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 4174), hostname: '127.0.0.1' }, ({ port }) =>
  console.log(`React example: http://127.0.0.1:${port}`),
)
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void end())

async function end() {
  await sync.close()
  server.close()
}
