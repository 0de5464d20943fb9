import { rmSync } from 'node:fs'
import { mkdir, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hasService } from '../lib/debian-services.mjs'
import { type S3Service, startCeph } from './ceph.ts'
import { type CloudinaryService, startCloudinary } from './cloudinary.ts'
import { type FormService, startForm } from './form.ts'
import type { ServiceOptions, Stoppable } from './service.ts'
import { startTus, type TusService } from './tus.ts'

/** Every server that tests may use. */
export interface Services {
  /** Undefined where this machine has no Ceph. */
  readonly s3: S3Service | undefined
  readonly tus: TusService
  readonly form: FormService
  readonly cloudinary: CloudinaryService
}

/** Starts every server at once, in a folder that goes away with them. */
export async function startServices(log?: (line: string) => void): Promise<Stoppable & { readonly services: Services }> {
  // Short, because Ceph makes sockets in it, whose paths may have 107 characters.
  const root = await mkdtemp(join(tmpdir(), 'upload-panel-'))
  const remove = () => rmSync(root, { recursive: true, force: true, maxRetries: 5 })
  // Whoever presses Ctrl-C in a test run does not wait for its end.
  process.once('exit', remove)
  const starting: Promise<Stoppable>[] = []
  async function stop(): Promise<void> {
    const started = await Promise.allSettled(starting)
    await Promise.all(started.map((one) => one.status === 'fulfilled' && one.value.stop()))
    remove()
    process.off('exit', remove)
  }

  async function start<Service>(name: string, one: (options: ServiceOptions) => Promise<Service & Stoppable>) {
    const directory = join(root, name)
    const begun = mkdir(directory).then(() => one({ directory, ...(log && { log }) }))
    starting.push(begun)
    const { stop: _stop, ...service } = await begun
    return service
  }

  try {
    const [s3, tus, form, cloudinary] = await Promise.all([
      hasService('ceph') ? start('s3', startCeph) : undefined,
      start('tus', startTus),
      start('form', startForm),
      start('cloudinary', startCloudinary),
    ])
    return { services: { s3, tus, form, cloudinary }, stop }
  } catch (error) {
    await stop()
    throw error
  }
}
