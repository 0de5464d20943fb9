import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { compile } from '../../services/compile.ts'
import { fromRoot } from '../paths.mjs'

/** @typedef {import('@web/test-runner').TestRunnerConfig} TestRunnerConfig */
/** @typedef {import('../../services/component-server-program.ts').ComponentServer} ComponentServer */

const BASE_PATH = '/real-uploads'
/** Answers the event streams that the asking page has open, each as the topics that it follows. */
const STREAMS_PATH = '/real-uploads-streams'

/**
 * The real server adapter, with SQLite and a folder of its own, on the port of the component tests: `middleware` begins it with the first request,
 * `plugin` ends it.
 * @returns {{ middleware: NonNullable<TestRunnerConfig['middleware']>[number], plugin: NonNullable<TestRunnerConfig['plugins']>[number] }}
 */
export function realServer() {
  /** @type {Promise<{ server: ComponentServer, directory: string }> | undefined} */
  let started
  /** Open event streams by the page that has them: its address names the session of its test. @type {Map<object, { page: string, topics: string }>} */
  const streams = new Map()
  return {
    async middleware(context, next) {
      const page = context.get('referer')
      if (context.path === STREAMS_PATH) {
        context.body = [...streams.values()].filter((stream) => stream.page === page).map(({ topics }) => topics)
        return
      }
      if (context.path === `${BASE_PATH}/events`) {
        streams.set(context.res, { page, topics: context.querystring })
        context.res.once('close', () => streams.delete(context.res))
      }
      if (!context.path.startsWith(`${BASE_PATH}/`)) return next()
      started ??= start()
      const { server } = await started
      context.respond = false
      // Else the test runner reports what is not answered yet as not found.
      context.status = 200
      server.listener(context.req, context.res)
    },
    plugin: {
      name: 'real-server',
      async serverStop() {
        if (started === undefined) return
        const { server, directory } = await started
        await server.close()
        await rm(directory, { recursive: true, force: true })
      },
    },
  }
}

async function start() {
  const directory = await mkdtemp(join(tmpdir(), 'upload-panel-component-'))
  const program = await compile(fromRoot('scripts', 'services', 'component-server-program.ts'), directory)
  /** @type {typeof import('../../services/component-server-program.ts')} */
  const { startComponentServer } = await import(pathToFileURL(program).href)
  return { server: await startComponentServer(directory, BASE_PATH), directory }
}
