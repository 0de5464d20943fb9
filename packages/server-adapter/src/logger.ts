import { inspect } from 'node:util'

/** Where the server tells its operator what happened. `console` is one; a pino logger is taken, too, as it is. */
export interface Logger {
  debug(message: string, details?: unknown): void
  info(message: string, details?: unknown): void
  warn(message: string, details?: unknown): void
  error(message: string, details?: unknown): void
}

/** What is needed of [pino](https://getpino.io), of Fastify's `app.log`, and of others that take the details before the message. */
export interface PinoLogger {
  /** Tells it from loggers that take the message first. */
  bindings(): object
  debug(details: object, message: string): void
  info(details: object, message: string): void
  warn(details: object, message: string): void
  error(details: object, message: string): void
}

/** Text that breaks no line and looks like no other field. */
const IS_PLAIN = /^[\w.:/*{},@+=-]+$/

const LEVELS = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof LEVELS)[number]

/** A line of a log, before it is written. */
interface Entry {
  readonly level: LogLevel
  readonly message: string
  readonly details: Readonly<Record<string, unknown>>
}

/** Options of {@link createLogger}. */
export interface LoggerOptions {
  /** What is told, from the most to the least. @default 'warn' */
  readonly level?: LogLevel
  /** `pretty`: for people. `json`: an object a line. @default 'pretty' */
  readonly format?: 'pretty' | 'json'
  /** @default to the console: lines for people with a name before them, and warnings and errors as such */
  readonly write?: (line: string, level: LogLevel) => void
  /** Milliseconds since the epoch. @default the machine's clock */
  readonly now?: () => number
}

/** A logger that writes lines, for programs that bring none of their own. */
export function createLogger({
  level = 'warn',
  format = 'pretty',
  write = format === 'json' ? toOutput : toConsole,
  now = Date.now,
}: LoggerOptions = {}): Logger {
  const from = LEVELS.indexOf(level)
  const line = format === 'json' ? asJson : asText
  const at = (level: LogLevel) =>
    LEVELS.indexOf(level) < from
      ? () => {}
      : (message: string, details?: unknown) => write(line({ level, message, details: asFields(details) }, new Date(now())), level)
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

/** Warnings and errors to the console, nothing else. */
export const consoleLogger: Logger = createLogger()

/** A logger in our order of words, whichever it was given in. */
export function asLogger(given: Logger | PinoLogger): Logger {
  if (!isPino(given)) return given
  const tell = (level: LogLevel) => (message: string, details?: unknown) => given[level](asFields(details), message)
  return { debug: tell('debug'), info: tell('info'), warn: tell('warn'), error: tell('error') }
}

function isPino(logger: Logger | PinoLogger): logger is PinoLogger {
  return 'bindings' in logger && typeof logger.bindings === 'function'
}

/** Details as fields of a line. An error is `err`, where pino looks for it. */
function asFields(details: unknown): Readonly<Record<string, unknown>> {
  if (details === undefined) return {}
  if (details instanceof Error) return { err: details }
  if (typeof details !== 'object' || details === null || Array.isArray(details)) return { details }
  const { error, ...fields } = details as Record<string, unknown>
  return error === undefined ? fields : { ...fields, ...(error instanceof Error ? { err: error } : { error }) }
}

function asJson({ level, message, details }: Entry, time: Date): string {
  const head = { time: time.toISOString(), level, message }
  return written({ ...head, ...details }) ?? JSON.stringify({ ...head, details: inspect(details) })
}

/** `undefined` for what JSON cannot have: a log must not fail by what it is told. */
function written(value: unknown): string | undefined {
  try {
    return JSON.stringify(value, (_key, inner: unknown) =>
      inner instanceof Error ? { name: inner.name, message: inner.message, stack: inner.stack, ...causeOf(inner) } : inner,
    )
  } catch {
    return undefined
  }
}

function causeOf({ cause }: Error): { readonly cause?: unknown } {
  return cause === undefined ? {} : { cause }
}

function asText({ level, message, details: { err, ...fields } }: Entry, time: Date): string {
  const pairs = Object.entries(fields).map(
    ([name, value]) => `${name}=${typeof value === 'string' && IS_PLAIN.test(value) ? value : (written(value) ?? inspect(value))}`,
  )
  const head = [time.toISOString().slice(11, 23), level.padEnd(5), message, ...pairs].join(' ')
  return err instanceof Error ? `${head}\n${err.stack ?? String(err)}` : head
}

function toOutput(line: string): void {
  console.log(line)
}

function toConsole(line: string, level: LogLevel): void {
  console[level](`[upload-panel] ${line}`)
}
