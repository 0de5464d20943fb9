import { describe, expect, it } from 'vitest'
import type { ProgressReport } from '../protocol/index.js'
import { startEngine } from '../testing/engine.js'
import { settle } from '../testing/manual-clock.js'
import { reportProgress } from './progress-reports.js'

/** A whole engine whose backend reports; `answer` is what comes of the calls. */
function start(answer: () => Promise<unknown> = () => Promise.resolve()) {
  const reports: ProgressReport['uploads'][] = []
  const engine = startEngine(
    { multipartFromBytes: 1e6 },
    {
      change: ({ connectSync }) => ({
        connectSync(options) {
          const session = connectSync!(options)
          const end = reportProgress({
            environment: options.environment,
            store: options.store,
            send: ({ uploads }) => (reports.push(uploads), answer()),
          })
          return { ...session, dispose: () => (end(), session.dispose()) }
        },
      }),
    },
  )
  return { ...engine, reports }
}

describe('reports of progress', () => {
  it('tell the server every five seconds how far all uploads are, in one call', async () => {
    const { add, waiting, operation, reports, world } = start()
    const [a = '', b = ''] = await add([1000, 1000])
    waiting(a)[0]?.progress(100)
    waiting(b)[0]?.progress(200)
    waiting(a)[0]?.progress(300)
    await world.clock.advance(4999)
    expect(reports).toEqual([])
    await world.clock.advance(1)
    expect(reports).toEqual([
      [
        { operation_id: operation(a), sent_bytes: 300 },
        { operation_id: operation(b), sent_bytes: 200 },
      ],
    ])
  })

  it('cost a small file nothing: it is stored before its turn comes', async () => {
    const { add, waiting, reports, world } = start()
    const [id = ''] = await add([1000])
    waiting(id)[0]?.progress(500)
    waiting(id)[0]?.respond(200)
    await world.clock.advance(60_000)
    expect(reports).toEqual([])
  })

  it('are not made while nothing moves', async () => {
    const { add, waiting, reports, world } = start()
    const [id = ''] = await add([1000])
    waiting(id)[0]?.progress(100)
    await world.clock.advance(60_000)
    expect(reports.length).toBe(1)
  })

  it('that fail are not sent again, hold up nothing, and become rarer', async () => {
    const { add, waiting, item, reports, world } = start(() => Promise.reject(new Error('503')))
    const [id = ''] = await add([1000])
    const times: number[] = []
    for (let second = 1; second <= 160; second += 1) {
      waiting(id)[0]?.progress(second)
      await world.clock.advance(1000)
      if (reports.length > times.length) times.push(second)
    }
    expect(times).toEqual([5, 15, 35, 75, 135])
    expect(item(id).phase).toBe('uploading')
  })

  it('that take long are one at a time', async () => {
    const answers: (() => void)[] = []
    const { add, waiting, reports, world } = start(() => new Promise<void>((answer) => answers.push(answer)))
    const [id = ''] = await add([1000])
    waiting(id)[0]?.progress(1)
    await world.clock.advance(5000)
    waiting(id)[0]?.progress(2)
    await world.clock.advance(60_000)
    expect(reports.length).toBe(1)
    answers[0]?.()
    await settle()
    await world.clock.advance(5000)
    expect(reports.length).toBe(2)
  })

  it('end with the uploader', async () => {
    const { add, waiting, uploader, world } = start()
    const [id = ''] = await add([1000])
    waiting(id)[0]?.progress(100)
    await uploader.dispose()
    // What looks after the file of a request ends with the request.
    await settle()
    expect(world.clock.pending).toBe(0)
  })
})
