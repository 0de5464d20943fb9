import { freePort } from '../lib/free-port.mjs'
import { type Daemon, startDaemon } from './daemon.ts'
import type { Stoppable } from './service.ts'

/** One S3 server before a cluster; what it stores lives in the cluster, so that it may die and come back. */
export interface S3Gateway extends Stoppable {
  /** Without a slash at the end; the same after a restart. */
  readonly endpoint: string
  /** Ends it in the middle of whatever it does. */
  kill(): Promise<void>
  /** Starts it again after `kill`. */
  restart(): Promise<void>
}

/** Starts one more gateway of a running cluster, for tests that want to kill it. */
export async function startS3Gateway({ configFile }: { readonly configFile: string }, log?: (line: string) => void): Promise<S3Gateway> {
  const port = await freePort()
  const endpoint = `http://127.0.0.1:${port}`
  const args = [
    '--conf',
    configFile,
    '--no-mon-config',
    '--name',
    `client.rgw.${port}`,
    '--rgw-frontends',
    `beast endpoint=127.0.0.1:${port}`,
    '--foreground',
  ]

  async function start(): Promise<Daemon> {
    const started = startDaemon('radosgw', args, log)
    await started.ready(async () => (await fetch(endpoint).catch(() => undefined))?.ok === true)
    return started
  }

  let daemon = await start()
  return {
    endpoint,
    kill: () => daemon.kill(),
    async restart() {
      daemon = await start()
    },
    stop: () => daemon.kill(),
  }
}
