import { execFile } from 'node:child_process'
import { randomBytes, randomUUID } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { CreateBucketCommand, PutBucketCorsCommand } from '@aws-sdk/client-s3'
import { freePort } from '../lib/free-port.mjs'
import { type Daemon, startDaemon } from './daemon.ts'
import { type S3Access, s3Client } from './s3-client.ts'
import { startS3Gateway } from './s3-gateway.ts'
import type { ServiceOptions, Stoppable } from './service.ts'

const run = promisify(execFile)

/** What tests need to know of the S3 server. */
export interface S3Service extends S3Access {
  /** Any origin may write to it and read the `ETag` of what it wrote. */
  readonly bucket: string
  /** Any origin may write to it, and no script in a browser sees an `ETag`. */
  readonly bucketHidingEtag: string
  /** The cluster's, for gateways of a test's own. */
  readonly configFile: string
}

/** Enough for an upload of 5 GiB. What is written takes twice its size in memory, and soon after it is deleted half of that no more. */
const STORE_BYTES = 8 * 1024 ** 3

/**
 * S3 as Ceph's object gateway speaks it, before a private cluster of one monitor and one store in memory. Nothing of it needs root, and only
 * 127.0.0.1 reaches it.
 */
export async function startCeph({ directory, log }: ServiceOptions): Promise<S3Service & Stoppable> {
  const cluster = randomUUID()
  const configFile = join(directory, 'ceph.conf')
  const address = `v1:127.0.0.1:${await freePort()}`
  for (const name of ['mon', 'osd', 'rgw', 'run', 'log']) await mkdir(join(directory, name))
  await writeFile(join(directory, 'keyring'), '')
  await writeFile(configFile, configuration(directory, cluster, address))

  const started: Stoppable[] = []
  // The configuration is known: a program that asks the monitor for it first may go on before it knows the monitor's name, and be refused.
  const conf = ['--conf', configFile, '--no-mon-config']
  const daemon = (command: string, args: readonly string[]): Daemon => {
    const one = startDaemon(command, [...conf, ...args, '--foreground'], log)
    started.push({ stop: () => one.kill() })
    return one
  }
  /** Undefined while the monitor does not answer; this program asks for the configuration always. */
  const ceph = (...args: readonly string[]) =>
    run('ceph', [...conf, '--connect-timeout', '5', ...args]).then(
      ({ stdout }) => stdout,
      () => undefined,
    )
  async function stop(): Promise<void> {
    await Promise.all(started.map((one) => one.stop()))
  }

  try {
    const map = join(directory, 'monmap')
    await run('monmaptool', ['--create', '--addv', 'a', address, '--fsid', cluster, map])
    await run('ceph-mon', [...conf, '--id', 'a', '--mkfs', '--monmap', map])
    const store = randomUUID()
    const monitor = daemon('ceph-mon', ['--id', 'a'])
    await monitor.ready(async () => (await ceph('osd', 'new', store)) !== undefined)
    await run('ceph-osd', [...conf, '--id', '0', '--mkfs', '--osd-uuid', store])
    const storeDaemon = daemon('ceph-osd', ['--id', '0'])
    await storeDaemon.ready(async () => (await ceph('osd', 'stat'))?.includes('1 up') === true)

    const gateway = await startS3Gateway({ configFile }, log)
    started.push(gateway)
    const access: S3Access = {
      endpoint: gateway.endpoint,
      region: 'us-east-1',
      accessKeyId: randomBytes(10).toString('hex'),
      secretAccessKey: randomBytes(20).toString('hex'),
    }
    const keys = ['--access-key', access.accessKeyId, '--secret-key', access.secretAccessKey]
    await run('radosgw-admin', [...conf, 'user', 'create', '--uid', 'tests', '--display-name', 'tests', ...keys])
    const service = { ...access, bucket: 'uploads', bucketHidingEtag: 'uploads-hiding-etag', configFile }
    await createBucket(service, service.bucket, ['ETag'])
    await createBucket(service, service.bucketHidingEtag, [])
    return { ...service, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function createBucket(access: S3Access, bucket: string, exposed: readonly string[]): Promise<void> {
  const client = s3Client(access)
  await client.send(new CreateBucketCommand({ Bucket: bucket }))
  const rule = { AllowedOrigins: ['*'], AllowedMethods: ['GET', 'HEAD', 'PUT', 'POST', 'DELETE'], AllowedHeaders: ['*'] }
  const CORSConfiguration = { CORSRules: [{ ...rule, ExposeHeaders: [...exposed], MaxAgeSeconds: 600 }] }
  await client.send(new PutBucketCorsCommand({ Bucket: bucket, CORSConfiguration }))
  client.destroy()
}

/**
 * The monitor agrees with itself alone, and need not wait for others before each step (`paxos_…`): by default the start takes ten times as long.
 * The gateway takes passwords of webhooks over TLS alone, and a header's word for it (`rgw_trust_…`).
 */
const configuration = (directory: string, cluster: string, monitor: string) => `[global]
fsid = ${cluster}
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
mon_host = ${monitor}
mon_initial_members = a
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
ms_bind_msgr2 = false
paxos_propose_interval = 0.02
paxos_min_wait = 0
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 1
osd_pool_default_pgp_num = 1
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
osd_objectstore = memstore
memstore_device_bytes = ${STORE_BYTES}
mon_allow_pool_size_one = true
mon_max_pg_per_osd = 1000
mon_data_avail_crit = 0
rgw_gc_obj_min_wait = 1
rgw_gc_processor_period = 1
rgw_trust_forwarded_https = true
keyring = ${directory}/keyring
mon_data = ${directory}/mon
osd_data = ${directory}/osd
rgw_data = ${directory}/rgw
run_dir = ${directory}/run
crash_dir = ${directory}/run
pid_file = ${directory}/run/$name.pid
admin_socket = ${directory}/run/$name.asok
log_file = ${directory}/log/$name.log
`
