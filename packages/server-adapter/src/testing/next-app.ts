import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { type Program, run } from './program.js'

/** An application of Next.js in a folder of its own, with the sync server at `/api/uploads`, and `own` at `/own`. */
export interface NextApp {
  /** The module that makes the sync server. */
  readonly library: string
  /** `next build`. */
  build(): Promise<void>
  /** `next start` or `next dev` on a free port; resolves once it listens. @param data where the sync server keeps its files, and a dot for each time that it was made, and that its module was evaluated */
  start(mode: 'start' | 'dev', data: string): Promise<{ readonly origin: string; readonly program: Program }>
  remove(): Promise<void>
}

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url))
const NEXT = join(dirname(createRequire(import.meta.url).resolve('next/package.json')), 'dist/bin/next')
const ENV = { NEXT_TELEMETRY_DISABLED: '1', CI: '1' }

const LIBRARY = `
import { appendFileSync } from 'node:fs'
import { createSyncServer } from '@upload-panel/server-adapter'
import { disk } from '@upload-panel/server-adapter/disk'
import { onceForNext, toNextHandlers } from '@upload-panel/server-adapter/next'
import { sqlite } from '@upload-panel/server-adapter/sqlite'

const data = process.env['UPLOAD_PANEL_DATA']
if (data !== undefined) appendFileSync(data + '/evaluated', '.')
export const handlers = toNextHandlers(onceForNext(() => {
  appendFileSync(data + '/made', '.')
  return createSyncServer({ records: sqlite({ path: data + '/records.db' }), storage: disk({ directory: data + '/files' }), open: true })
}))
`

export async function createNextApp(): Promise<NextApp> {
  // Below the checkout, where Next.js and React are found.
  await mkdir(join(ROOT, '.cache'), { recursive: true })
  const directory = await mkdtemp(join(ROOT, '.cache/next-'))
  const route = join(directory, 'app/api/uploads/[[...path]]')
  await mkdir(route, { recursive: true })
  await mkdir(join(directory, 'app/own'), { recursive: true })
  await writeFile(join(directory, 'package.json'), '{ "private": true, "type": "module" }')
  await writeFile(join(directory, 'next.config.mjs'), `export default ${JSON.stringify({ turbopack: { root: ROOT }, agentRules: false })}`)
  await writeFile(join(directory, 'app/own/route.js'), "export const GET = () => new Response('own')")
  await writeFile(
    join(route, 'route.js'),
    "import { handlers } from '../../../../uploads.mjs'\nexport const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = handlers",
  )
  const library = join(directory, 'uploads.mjs')
  await build({
    stdin: { contents: LIBRARY, resolveDir: dirname(fileURLToPath(import.meta.url)) },
    outfile: library,
    bundle: true,
    platform: 'node',
    format: 'esm',
    conditions: ['@upload-panel/source'],
    logLevel: 'error',
  })
  return {
    library,
    async build() {
      const program = run(NEXT, ['build', directory], ENV)
      if ((await program.exit) !== 0) throw new Error(program.output())
    },
    async start(mode, data) {
      const program = run(NEXT, [mode, directory, '--port', '0', '--hostname', '127.0.0.1'], { ...ENV, UPLOAD_PANEL_DATA: data })
      const [, origin = ''] = await program.prints(/Local: +(http:\S+:\d+)/)
      await program.prints(/Ready in/)
      return { origin, program }
    },
    remove: () => rm(directory, { recursive: true, force: true }),
  }
}
