import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hasCeph } from '../lib/ceph.mjs'
import { type S3Service, startCeph } from './ceph.ts'
import { type FormService, startForm } from './form.ts'
import type { Stoppable } from './service.ts'
import { startTus, type TusService } from './tus.ts'

/** Every server that tests may use. */
export interface Services {
  /** Undefined where this machine has no Ceph. */
  readonly s3: S3Service | undefined
  readonly tus: TusService
  readonly form: FormService
}

/** Starts every server at once, in a folder that goes away with them. */
export async function startServices(log?: (line: string) => void): Promise<Stoppable & { readonly services: Services }> {
  // Short, because Ceph makes sockets in it, whose paths may have 107 characters.
  const root = await mkdtemp(join(tmpdir(), 'upload-panel-'))
  const started: Stoppable[] = []
  async function stop(): Promise<void> {
    await Promise.all(started.map((one) => one.stop()))
    await rm(root, { recursive: true, force: true })
  }

  async function start<Service>(
    name: string,
    one: (options: { directory: string; log?: (line: string) => void }) => Promise<Service & Stoppable>,
  ): Promise<Omit<Service & Stoppable, 'stop'>> {
    const directory = join(root, name)
    await mkdir(directory)
    const { stop, ...service } = await one({ directory, ...(log && { log }) })
    started.push({ stop })
    return service
  }

  const results = await Promise.allSettled([
    hasCeph() ? start('s3', startCeph) : undefined,
    start('tus', startTus),
    start('form', startForm),
  ])
  const [s3, tus, form] = results
  if (s3.status === 'fulfilled' && tus.status === 'fulfilled' && form.status === 'fulfilled') {
    return { services: { s3: s3.value, tus: tus.value, form: form.value }, stop }
  }
  await stop()
  throw results.find((result) => result.status === 'rejected')?.reason
}
