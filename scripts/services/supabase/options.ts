/** How long the server takes over what, in milliseconds. */
export interface Delays {
  /** Before a connection is refused. */
  readonly refuse: number
  /** Before a join is refused. */
  readonly joinError: number
  /** From the reply to a join until changes flow, while the database is not followed yet. */
  readonly coldSubscribe: number
  /** The same once it is followed. */
  readonly subscribe: number
  /** From a new token until the subscription holds for it. */
  readonly resubscribe: number
  /** From the loss of the database, or of the slot in it, until it is followed again. */
  readonly follow: number
  /** Between two looks at the database while there is traffic; five times that while there is none. */
  readonly poll: number
  /** After which a client that says nothing is closed. */
  readonly idle: number
}

/** As they were measured at Supabase. */
const DELAYS: Delays = {
  refuse: 2000,
  joinError: 5000,
  coldSubscribe: 2200,
  subscribe: 5,
  resubscribe: 2000,
  follow: 1500,
  poll: 100,
  idle: 60_000,
}

/** For tests that are about something else. What is late stays late, and what is lost stays lost. */
export const SHORT_DELAYS: Delays = {
  refuse: 0,
  joinError: 10,
  coldSubscribe: 30,
  subscribe: 5,
  resubscribe: 30,
  follow: 100,
  poll: 5,
  idle: 60_000,
}

export interface Limits {
  readonly sockets: number
  readonly channelsPerSocket: number
  readonly joinsPerSecond: number
  /** Of broadcasts; and, counted apart, of changes times the subscriptions that they match. */
  readonly eventsPerSecond: number
  /** How often a channel may say who it is; the real server counts over half a minute, this one for good. */
  readonly presencePerChannel: number
  readonly payloadBytes: number
  /** Rates are looked at once per this many milliseconds, over the last twelve times. */
  readonly rateTick: number
}

const LIMITS: Limits = {
  sockets: 200,
  channelsPerSocket: 100,
  joinsPerSecond: 100,
  eventsPerSecond: 100,
  presencePerChannel: 5,
  payloadBytes: 3_000_000,
  rateTick: 5000,
}

/** What the parent process tells the server. */
export interface ServerOptions {
  readonly port: number
  readonly postgresUrl: string
  readonly jwtSecret: string
  readonly delays: Delays
  readonly limits: Limits
}

/** What it measured at Supabase, except for what a test says. */
export const serverOptions = (
  { port, postgresUrl, jwtSecret }: Pick<ServerOptions, 'port' | 'postgresUrl' | 'jwtSecret'>,
  delays: Partial<Delays> = {},
  limits: Partial<Limits> = {},
): ServerOptions => ({ port, postgresUrl, jwtSecret, delays: { ...DELAYS, ...delays }, limits: { ...LIMITS, ...limits } })
