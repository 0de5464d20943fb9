import { describe, expect, test } from 'vitest'
import { isMissing } from '../node-error.js'
import { FLAGS, variableOf } from './flags.js'
import { helpText } from './help.js'
import { readSettings, type Settings } from './settings.js'
import { SettingsError } from './settings-error.js'

function read(args: readonly string[], env: Record<string, string> = {}): Settings {
  const settings = readSettings(args, env)
  if (settings === 'help') throw new Error('It asks for help.')
  return settings
}
const problem = (args: readonly string[], env: Record<string, string> = {}) => {
  try {
    read(args, env)
  } catch (error) {
    if (error instanceof SettingsError) return error.message
    throw error
  }
  return 'none'
}

describe('settings', () => {
  test('have a default each: this machine alone, open, SQLite and the disk', () => {
    expect(read([])).toEqual({
      port: 8787,
      host: '127.0.0.1',
      publicUrl: undefined,
      proxyHeader: undefined,
      origins: [],
      access: { kind: 'open' },
      secret: undefined,
      data: './data',
      postgres: undefined,
      redis: undefined,
      s3: undefined,
      limits: { maxFileBytes: 5 * 2 ** 40, maxEventStreams: 10_000, uploadExpiresMs: 86_400_000, urlExpiresMs: 3_600_000 },
      log: 'pretty',
      logLevel: 'info',
      drainMs: 0,
    })
  })

  test('come from flags, from the environment, and a flag wins', () => {
    const env = {
      UPLOAD_PANEL_PORT: '1',
      UPLOAD_PANEL_CORS: 'https://a.example, https://b.example',
      UPLOAD_PANEL_TOKEN: 'secret',
      UPLOAD_PANEL_S3: 'bucket',
      UPLOAD_PANEL_S3_PATH_STYLE: '1',
    }
    expect(read(['--port', '2', '--s3-region', 'x'], env)).toMatchObject({
      port: 2,
      origins: ['https://a.example', 'https://b.example'],
      access: { kind: 'token', token: 'secret' },
      s3: { bucket: 'bucket', region: 'x', forcePathStyle: true },
    })
    expect(read(['--cors', 'https://c.example', '--cors', 'http://d.example:81'], env).origins).toEqual([
      'https://c.example',
      'http://d.example:81',
    ])
  })

  test.each([
    ['500MB', 500e6],
    ['1.5 GiB', 1.5 * 2 ** 30],
    ['10', 10],
    ['2kb', 2000],
  ])('know the size %s', (given, bytes) => {
    expect(read(['--max-file-size', given]).limits.maxFileBytes).toBe(bytes)
  })

  test.each([
    ['90s', 90_000],
    ['30m', 1_800_000],
    ['1.5h', 5_400_000],
    ['7d', 604_800_000],
  ])('know the time %s', (given, ms) => {
    expect(read(['--upload-expires', given]).limits.uploadExpiresMs).toBe(ms)
  })

  test('let in by JSON Web Tokens, of an issuer and for an audience', () => {
    const args = [
      '--host',
      '0.0.0.0',
      '--jwks',
      'https://login.example/jwks.json',
      '--issuer',
      'https://login.example/',
      '--audience',
      'uploads',
    ]
    expect(read(args).access).toEqual({
      kind: 'jwt',
      jwks: 'https://login.example/jwks.json',
      issuer: 'https://login.example/',
      audience: 'uploads',
    })
  })

  test.each([
    [['--port', '65536'], '--port must be a number from 0 to 65535, not 65536.'],
    [['--port', ''], '--port must be a number'],
    [['--nonsense'], "Unknown option '--nonsense'. See --help."],
    [['--port'], 'See --help.'],
    [['--host', '0.0.0.0'], 'open to everyone who reaches it. Set UPLOAD_PANEL_TOKEN'],
    [['--token', 'a', '--open'], 'not both'],
    [['--token', 'a', '--jwks', 'https://a.example'], 'not both'],
    [['--jwks', 'https://a.example'], '--jwks needs --issuer and --audience'],
    [['--issuer', 'a'], 'give --jwks, too'],
    [['--token', ''], 'The token is empty'],
    [['--secret', 'short'], 'at least 32 characters'],
    [['--s3-endpoint', 'http://a.example'], 'give --s3 <bucket>, too'],
    [['--redis', 'localhost:6379'], '--redis must be an address that begins with redis://.'],
    [['--s3', ''], 'needs the name of a bucket'],
    [['--cors', 'https://a.example/path'], '--cors takes an origin, such as https://a.example, not https://a.example/path.'],
    [['--cors', 'a.example'], '--cors must be an address that begins with http:// or https://'],
    [['--public-url', 'ftp://a.example'], '--public-url must be an address'],
    [['--proxy-header', 'a b'], 'name of a header'],
    [['--max-file-size', 'much'], 'a size such as 500MB or 5GiB, not much.'],
    [['--max-file-size', '0'], 'a size such as'],
    [['--drain', '5'], '--drain must be a time such as 90s'],
    [['--log', 'xml'], '--log must be one of pretty, json, off, not xml.'],
    [['--log-level', 'loud'], '--log-level must be one of'],
  ])('that cannot be meant are told: %j', (args, sentence) => {
    expect(problem(args)).toContain(sentence)
  })

  test('of the environment are told by their names, and passwords are not', () => {
    expect(problem([], { UPLOAD_PANEL_OPEN: 'perhaps' })).toContain('UPLOAD_PANEL_OPEN must be 1 or 0')
    expect(problem(['--postgres', 'mysql://anna:hunter2@db'])).not.toContain('hunter2')
  })
})

describe('the help', () => {
  test('begins with what can be tried, and explains every flag', () => {
    const text = helpText()
    expect(text.indexOf('upload-panel-server --port 0')).toBeLessThan(text.indexOf('--port <number>'))
    for (const [name, { help }] of FLAGS) expect(text).toContain(help.slice(0, 20) && `--${name}`)
    expect(variableOf('max-file-size')).toBe('UPLOAD_PANEL_MAX_FILE_SIZE')
  })

  test('fits on a terminal', () => {
    expect(
      Math.max(
        ...helpText()
          .split('\n')
          .map(({ length }) => length),
      ),
    ).toBeLessThanOrEqual(150)
  })
})

test('a package that is missing is told from one that misses another', () => {
  const missing = Object.assign(new Error("Cannot find package 'pg' imported from /app/x.js"), { code: 'ERR_MODULE_NOT_FOUND' })
  expect(isMissing(missing, ['pg'])).toBe(true)
  expect(isMissing(missing, ['socket.io'])).toBe(false)
  expect(isMissing(new Error("'pg'"), ['pg'])).toBe(false)
})
