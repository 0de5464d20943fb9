import { join } from 'node:path'
import type { SyncServerOptions } from '../options.js'
import type { OperationRecords } from '../records/operation-records.js'
import { sqlite } from '../records/sqlite.js'
import { bearerToken } from '../security/bearer-token.js'
import { disk } from '../storage/disk.js'
import { isMissing } from '../node-error.js'
import type { ObjectStorage } from '../storage/object-storage.js'
import type { Settings } from './settings.js'
import { SettingsError } from './settings-error.js'

/** What the settings come to, and how that is called in a line for people. What only some need is loaded only for them. */
export interface Chosen<T> {
  readonly value: T
  readonly name: string
}

export async function chooseRecords({ postgres, data }: Settings): Promise<Chosen<OperationRecords>> {
  if (postgres === undefined) {
    const path = join(data, 'records.db')
    return { value: sqlite({ path }), name: `SQLite, ${path}` }
  }
  const records = await needs('--postgres', ['pg'], () => import('../records/postgres.js'))
  return { value: records.postgres({ connectionString: postgres }), name: `PostgreSQL, ${hostOf(postgres)}` }
}

export async function chooseStorage({ s3, data }: Settings): Promise<Chosen<ObjectStorage>> {
  if (s3 === undefined) {
    const directory = join(data, 'files')
    return { value: disk({ directory }), name: `disk, ${directory}` }
  }
  const { bucket, endpoint, publicEndpoint, region, forcePathStyle } = s3
  const storage = await needs('--s3', ['@aws-sdk/client-s3', '@aws-sdk/s3-request-presigner'], () => import('../storage/s3/s3.js'))
  const value = storage.s3({
    bucket,
    forcePathStyle,
    ...(endpoint !== undefined && { endpoint }),
    ...(publicEndpoint !== undefined && { publicEndpoint }),
    ...(region !== undefined && { region }),
  })
  return { value, name: `S3, bucket ${bucket}${endpoint === undefined ? '' : ` at ${hostOf(endpoint)}`}` }
}

export async function chooseAccess({ access }: Settings): Promise<Chosen<Pick<SyncServerOptions, 'authorize' | 'open'>>> {
  switch (access.kind) {
    case 'open':
      return { value: { open: true }, name: 'everyone' }
    case 'token':
      return { value: { authorize: bearerToken(access.token) }, name: 'Clients need the token.' }
    case 'jwt': {
      const { jwt } = await import('../security/jwt.js')
      const { jwks, issuer, audience } = access
      return { value: { authorize: jwt({ jwks, issuer, audience }) }, name: `Clients need a JSON Web Token of ${issuer} for ${audience}.` }
    }
  }
}

/** Loads what has optional packages. @throws SettingsError that says how they are installed */
async function needs<T>(flag: string, packages: readonly string[], load: () => Promise<T>): Promise<T> {
  try {
    return await load()
  } catch (error) {
    throw isMissing(error, packages) ? new SettingsError(`${flag} needs what is not installed: npm install ${packages.join(' ')}`) : error
  }
}

/** Without the password. */
function hostOf(url: string): string {
  return new URL(url).host
}
