/** One setting of the command line: a flag, and an environment variable of the same name. */
export interface Flag {
  /** What it is given, in angle brackets; absent for one that is given or not. */
  readonly value?: string
  readonly help: string
  /** May be given several times; in the environment separated by commas. */
  readonly many?: boolean
  readonly defaultsTo?: string
}

/** Flags by what they are about, in the order in which they are explained. */
export const FLAG_GROUPS = {
  'Where it listens': {
    port: { value: 'number', help: 'port to listen on; 0 picks a free one', defaultsTo: '8787' },
    host: { value: 'address', help: 'address to listen on; 0.0.0.0 for all', defaultsTo: '127.0.0.1' },
    'public-url': { value: 'url', help: 'where clients reach it, behind a proxy; its path is where the routes are mounted' },
    'proxy-header': { value: 'name', help: "header in which the proxy writes the client's address, such as x-real-ip" },
    cors: { value: 'origin', many: true, help: 'origin of pages that may use it, such as https://app.example.com; may be repeated' },
  },
  'Who may use it': {
    token: { value: 'text', help: 'what clients send as "authorization: Bearer <text>"; better in the environment' },
    jwks: { value: 'url', help: 'key set of the JSON Web Tokens that clients send; needs --issuer and --audience' },
    issuer: { value: 'text', help: 'who issues them' },
    audience: { value: 'text', help: 'whom they are for' },
    open: { help: 'let everyone who reaches the server do everything' },
    secret: { value: 'text', help: 'what subscribe tokens are signed with, the same on all nodes; better in the environment' },
  },
  'Where things are kept': {
    data: { value: 'folder', help: 'files and the database, where they are kept nowhere else', defaultsTo: './data' },
    postgres: { value: 'url', help: 'records in PostgreSQL, for several nodes; better in the environment. Needs the package pg' },
    redis: {
      value: 'url',
      help: 'joins Socket.IO to servers of yours at this Redis. Needs redis, @socket.io/redis-streams-adapter',
    },
    s3: {
      value: 'bucket',
      help: 'files in S3, with the credentials that AWS tools use. Needs @aws-sdk/client-s3, @aws-sdk/s3-request-presigner',
    },
    's3-endpoint': { value: 'url', help: 'of another storage that speaks S3' },
    's3-public-endpoint': { value: 'url', help: 'where clients reach it, if that is another address' },
    's3-region': { value: 'name', help: 'region of the bucket; AWS_REGION by default' },
    's3-path-style': { help: 'put the bucket into the path rather than into the host name' },
  },
  'What it allows': {
    'max-file-size': { value: 'size', help: 'largest file, such as 500MB or 5GiB', defaultsTo: '5TiB' },
    'max-streams': { value: 'number', help: 'event streams that are open at once', defaultsTo: '10000' },
    'upload-expires': { value: 'time', help: 'how long it waits for the bytes of an upload, such as 30m or 24h', defaultsTo: '24h' },
    'url-expires': { value: 'time', help: 'how long a signed address is good', defaultsTo: '1h' },
  },
  'How it runs': {
    log: { value: 'format', help: 'pretty for people, json for programs, off', defaultsTo: 'pretty' },
    'log-level': { value: 'level', help: 'debug, info, warn or error', defaultsTo: 'info' },
    drain: {
      value: 'time',
      help: 'how long it answers on after SIGTERM, while /health/ready says 503, so that a load balancer sees it',
      defaultsTo: '0s',
    },
    help: { help: 'this text' },
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, Flag>>>>

type Groups = typeof FLAG_GROUPS
/** Names of all flags. */
export type FlagName = { [G in keyof Groups]: keyof Groups[G] }[keyof Groups] & string

export const FLAGS: ReadonlyMap<string, Flag> = new Map(Object.values(FLAG_GROUPS).flatMap((group) => Object.entries<Flag>(group)))

/** `--max-file-size` is `UPLOAD_PANEL_MAX_FILE_SIZE`. */
export function variableOf(name: string): string {
  return `UPLOAD_PANEL_${name.toUpperCase().replaceAll('-', '_')}`
}
