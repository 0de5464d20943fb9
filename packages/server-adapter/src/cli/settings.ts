import { parseArgs } from 'node:util'
import type { LogLevel } from '../logger.js'
import type { Limits } from '../limits.js'
import { FLAGS, type FlagName, variableOf } from './flags.js'
import { readDuration, readSize } from './quantities.js'
import { SettingsError } from './settings-error.js'

/** What the command line and the environment ask for. */
export interface Settings {
  readonly port: number
  readonly host: string
  readonly publicUrl: URL | undefined
  readonly proxyHeader: string | undefined
  readonly origins: readonly string[]
  readonly access: AccessSettings
  readonly secret: string | undefined
  readonly data: string
  readonly postgres: string | undefined
  readonly redis: string | undefined
  readonly s3: S3Settings | undefined
  readonly limits: Partial<Limits>
  readonly log: 'pretty' | 'json' | 'off'
  readonly logLevel: LogLevel
  readonly drainMs: number
}

export type AccessSettings =
  | { readonly kind: 'open' }
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'jwt'; readonly jwks: string; readonly issuer: string; readonly audience: string }

export interface S3Settings {
  readonly bucket: string
  readonly endpoint: string | undefined
  readonly publicEndpoint: string | undefined
  readonly region: string | undefined
  readonly forcePathStyle: boolean
}

const LOCAL_HOSTS: readonly string[] = ['127.0.0.1', '::1', 'localhost']
const MIN_SECRET_LENGTH = 32

/** Reads settings; a flag wins over its variable. @throws SettingsError */
export function readSettings(args: readonly string[], env: Readonly<Record<string, string | undefined>>): Settings | 'help' {
  const given = gather(args, env)
  const text = (name: FlagName) => given.get(name)?.at(-1)
  const isOn = (name: FlagName) => readSwitch(name, text(name))
  if (isOn('help')) return 'help'

  const host = text('host') ?? ''
  const access = readAccess(
    host,
    { token: text('token'), jwks: text('jwks'), issuer: text('issuer'), audience: text('audience') },
    isOn('open'),
  )
  const secret = text('secret')
  if (secret !== undefined && secret.length < MIN_SECRET_LENGTH)
    throw new SettingsError(`--secret must have at least ${MIN_SECRET_LENGTH} characters, and not be guessed.`)
  return {
    port: readWhole('port', text('port'), 0, 65_535),
    host,
    publicUrl: readUrl('public-url', text('public-url')),
    proxyHeader: readHeaderName(text('proxy-header')),
    origins: (given.get('cors') ?? []).map(readOrigin),
    access,
    secret,
    data: text('data') ?? '',
    postgres: readSecretUrl('postgres', text('postgres'), /^postgres(ql)?:$/),
    redis: readSecretUrl('redis', text('redis'), /^rediss?:$/),
    s3: readS3(text, isOn),
    limits: {
      maxFileBytes: readSize('max-file-size', text('max-file-size') ?? ''),
      maxEventStreams: readWhole('max-streams', text('max-streams'), 1, 1_000_000),
      uploadExpiresMs: readDuration('upload-expires', text('upload-expires') ?? ''),
      urlExpiresMs: readDuration('url-expires', text('url-expires') ?? ''),
    },
    log: readOneOf('log', text('log'), ['pretty', 'json', 'off']),
    logLevel: readOneOf('log-level', text('log-level'), ['debug', 'info', 'warn', 'error']),
    drainMs: readDuration('drain', text('drain') ?? '', 0),
  }
}

/** Every flag with what it was given, by whichever way: each value once. */
function gather(args: readonly string[], env: Readonly<Record<string, string | undefined>>): ReadonlyMap<string, readonly string[]> {
  const given = new Map<string, readonly string[]>()
  const values = parse(args)
  for (const [name, { many, defaultsTo }] of FLAGS) {
    const variable = env[variableOf(name)]
    const fromEnvironment = variable === undefined ? undefined : many ? variable.split(',').map((part) => part.trim()) : [variable]
    const flags = values[name]
    const value = flags?.map(String) ?? fromEnvironment ?? (defaultsTo === undefined ? undefined : [defaultsTo])
    if (value !== undefined) given.set(name, value)
  }
  return given
}

function parse(args: readonly string[]): Readonly<Record<string, readonly (string | boolean)[] | undefined>> {
  const options = Object.fromEntries(
    [...FLAGS].map(([name, { value }]) => [
      name,
      { type: value === undefined ? ('boolean' as const) : ('string' as const), multiple: true },
    ]),
  )
  try {
    return parseArgs({ args: [...args], options }).values as Readonly<Record<string, readonly (string | boolean)[] | undefined>>
  } catch (error) {
    // Node's own sentence; what follows it is about programs of other kinds.
    const [sentence = ''] = String(error instanceof Error ? error.message : error).split('. To specify')
    throw new SettingsError(`${sentence.replace(/\.?$/, '.')} See --help.`)
  }
}

function readAccess(
  host: string,
  given: Record<'token' | 'jwks' | 'issuer' | 'audience', string | undefined>,
  isOpen: boolean,
): AccessSettings {
  const { token, jwks, issuer, audience } = given
  if (token === '') throw new SettingsError('The token is empty. Give a longer one, or none and --open.')
  if ([token !== undefined, jwks !== undefined, isOpen].filter(Boolean).length > 1)
    throw new SettingsError('Either --token, or --jwks, or --open, not both.')
  if (jwks === undefined && (issuer !== undefined || audience !== undefined))
    throw new SettingsError('--issuer and --audience are about JSON Web Tokens: give --jwks, too.')
  if (token !== undefined) return { kind: 'token', token }
  if (jwks !== undefined) {
    if (!issuer || !audience)
      throw new SettingsError('--jwks needs --issuer and --audience: a token that is for somebody else is no permission.')
    readUrl('jwks', jwks)
    return { kind: 'jwt', jwks, issuer, audience }
  }
  // On this machine alone an open server is a fair default; for a whole network someone has to have meant it.
  if (isOpen || LOCAL_HOSTS.includes(host)) return { kind: 'open' }
  throw new SettingsError(
    `On ${host} the server would be open to everyone who reaches it. Set UPLOAD_PANEL_TOKEN, give --jwks, or write --open if that is meant.`,
  )
}

function readS3(text: (name: FlagName) => string | undefined, isOn: (name: FlagName) => boolean): S3Settings | undefined {
  const bucket = text('s3')
  const settings = {
    endpoint: readUrl('s3-endpoint', text('s3-endpoint'))?.href,
    publicEndpoint: readUrl('s3-public-endpoint', text('s3-public-endpoint'))?.href,
    region: text('s3-region'),
    forcePathStyle: isOn('s3-path-style'),
  }
  if (bucket) return { bucket, ...settings }
  if (bucket === '') throw new SettingsError('--s3 needs the name of a bucket.')
  if (Object.values(settings).some((value) => value !== undefined && value !== false))
    throw new SettingsError('--s3-… says how S3 is reached: give --s3 <bucket>, too.')
  return undefined
}

/** It is not shown where it is wrong: it has a password. */
function readSecretUrl(name: FlagName, given: string | undefined, protocol: RegExp): string | undefined {
  if (given === undefined || (URL.canParse(given) && protocol.test(new URL(given).protocol))) return given
  throw new SettingsError(`--${name} must be an address that begins with ${name}://.`)
}

function readWhole(name: FlagName, given: string | undefined, least: number, most: number): number {
  const value = Number(given)
  if (given?.trim() && Number.isInteger(value) && value >= least && value <= most) return value
  throw new SettingsError(`--${name} must be a number from ${least} to ${most}, not ${given}.`)
}

function readUrl(name: FlagName, given: string | undefined): URL | undefined {
  if (given === undefined) return undefined
  const url = URL.canParse(given) ? new URL(given) : undefined
  if (url !== undefined && /^https?:$/.test(url.protocol) && url.search === '' && url.hash === '') return url
  throw new SettingsError(`--${name} must be an address that begins with http:// or https://, not ${given}.`)
}

function readOrigin(given: string): string {
  const url = readUrl('cors', given)
  if (url?.origin === given) return given
  throw new SettingsError(`--cors takes an origin, such as ${url?.origin}, not ${given}.`)
}

function readHeaderName(given: string | undefined): string | undefined {
  if (given === undefined || /^[\w-]+$/.test(given)) return given
  throw new SettingsError(`--proxy-header must be the name of a header, not ${given}.`)
}

function readSwitch(name: FlagName, given: string | undefined): boolean {
  if (given === undefined || ['', '0', 'false', 'no'].includes(given.toLowerCase())) return false
  if (['1', 'true', 'yes'].includes(given.toLowerCase())) return true
  throw new SettingsError(`${variableOf(name)} must be 1 or 0, not ${given}.`)
}

function readOneOf<T extends string>(name: FlagName, given: string | undefined, values: readonly T[]): T {
  const value = values.find((one) => one === given)
  if (value !== undefined) return value
  throw new SettingsError(`--${name} must be one of ${values.join(', ')}, not ${given}.`)
}
