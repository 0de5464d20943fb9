import { Writable } from 'node:stream'
import Fastify from 'fastify'
import { pino } from 'pino'
import { describe, expect, test } from 'vitest'
import { asLogger, createLogger, type LoggerOptions } from './logger.js'

const AT = Date.parse('2026-01-01T12:34:56.789Z')

function lines(options: LoggerOptions) {
  const written: string[] = []
  const logger = createLogger({ now: () => AT, write: (line) => void written.push(line), ...options })
  return { logger, written }
}

/** A place for pino to write to, and what it wrote. */
function pinoLines() {
  const written: Record<string, unknown>[] = []
  const stream = new Writable({
    write(chunk, _encoding, done) {
      written.push(JSON.parse(String(chunk)) as Record<string, unknown>)
      done()
    },
  })
  return { stream, written }
}

describe('a logger', () => {
  test('tells people in a line what happened, when, and what is known about it', () => {
    const { logger, written } = lines({ level: 'debug' })
    logger.info('POST /events 200', { ms: 3, subject: 'a1b2' })
    logger.debug('An event.')
    expect(written).toEqual(['12:34:56.789 info  POST /events 200 ms=3 subject=a1b2', '12:34:56.789 debug An event.'])
  })

  test('tells an error whole', () => {
    const error = new Error('disk', { cause: new Error('cable') })
    const text = lines({})
    text.logger.error('It failed.', error)
    expect(text.written[0]).toMatch(/^12:34:56\.789 error It failed\.\nError: disk\n {4}at /)
    const json = lines({ format: 'json' })
    json.logger.error('It failed.', { operationId: 'a', error })
    expect(JSON.parse(json.written[0] ?? '')).toMatchObject({
      time: '2026-01-01T12:34:56.789Z',
      level: 'error',
      message: 'It failed.',
      operationId: 'a',
      err: { name: 'Error', message: 'disk', cause: { message: 'cable' } },
    })
  })

  test('writes whatever it is told, without breaking a line', () => {
    const circle: Record<string, unknown> = { count: 1n }
    circle['self'] = circle
    for (const format of ['pretty', 'json'] as const) {
      const { logger, written } = lines({ format })
      logger.warn('Odd.', { circle })
      logger.warn('Long.', { text: 'a\nb ms=1' })
      expect(written[0]).toContain('1n')
      expect(written[1]).toMatch(/"a\\nb ms=1"/)
    }
  })

  test('is silent below its level', () => {
    const { logger, written } = lines({})
    logger.debug('a')
    logger.info('b')
    logger.warn('c')
    expect(written).toHaveLength(1)
  })

  test('of pino, or of Fastify, is taken as it is: details are fields, and errors are where pino looks for them', () => {
    const { stream, written } = pinoLines()
    for (const given of [
      pino({ level: 'debug' }, stream),
      Fastify({ logger: { level: 'debug', stream } }).log as ReturnType<typeof pino>,
    ]) {
      const logger = asLogger(given)
      logger.info('POST /events 200', { ms: 3 })
      logger.error('It failed.', new Error('disk'))
      logger.warn('It failed.', { operationId: 'a', error: new Error('disk') })
      logger.debug('A word.')
      expect(written.splice(0)).toMatchObject([
        { level: 30, msg: 'POST /events 200', ms: 3 },
        { level: 50, msg: 'It failed.', err: { type: 'Error', message: 'disk' } },
        { level: 40, msg: 'It failed.', operationId: 'a', err: { message: 'disk' } },
        { level: 20, msg: 'A word.' },
      ])
    }
  })

  test('of another kind stays what it is', () => {
    expect(asLogger(console)).toBe(console)
  })
})
