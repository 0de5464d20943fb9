import { type ConnectionStatus, UploadError } from '@upload-panel/core'
import { describe, expect, it } from 'vitest'
import { aSummary } from '../testing/a-summary.js'
import { anItem } from '../testing/an-item.js'
import { manualTimer } from '../testing/manual-timer.js'
import { createAnnouncer } from './announcer.js'
import { english } from '../messages/english.js'

const NOT_CONNECTED: ConnectionStatus = {
  status: 'disconnected',
  lastPing: '',
  latency: null,
  reconnectAttempts: 0,
  transport: 'sse',
  polling: false,
  messagesPerSecond: 0,
  bytesPerSecond: 0,
}

/** With three files that are no news. */
function setUp(total = 3) {
  const polite: string[] = []
  const urgent: string[] = []
  const { setTimer, advance } = manualTimer()
  const announcer = createAnnouncer({
    messages: () => english,
    summary: aSummary({ total }),
    sayPolitely: (text) => polite.push(text),
    sayNow: (text) => urgent.push(text),
    setTimer,
  })
  return { polite, urgent, announcer, advance }
}

const failed = (name: string) =>
  anItem({ phase: 'failed', by: 'self', name, error: new UploadError('network', 'The connection was lost.') })
const rejected = (name: string) => ({ file: new File([], name), error: new UploadError('file_type', 'Only images can be added.') })

describe('progress', () => {
  it('is told with the files that were added', () => {
    const { polite, announcer } = setUp(0)
    announcer.progressed(aSummary({ total: 3, queued: 3 }))
    expect(polite).toEqual(['3 files added. 0 of 3 uploaded, 0%.'])
  })

  it('counts the files that were added since it last spoke', () => {
    const { polite, announcer, advance } = setUp(0)
    for (let total = 1; total <= 5; total += 1) announcer.progressed(aSummary({ total, queued: total }))
    advance(10_000)
    expect(polite).toEqual(['1 file added. 0 of 1 uploaded, 0%.', '4 files added. 0 of 5 uploaded, 0%.'])
  })

  it('is told at most every ten seconds, however often it changes', () => {
    const { polite, announcer, advance } = setUp()
    for (let percent = 0; percent <= 100; percent += 1) {
      announcer.progressed(aSummary({ total: 2, active: 2, fraction: percent / 100 }))
      advance(200)
    }
    expect(polite).toEqual(['0 of 2 uploaded, 0%.', '0 of 2 uploaded, 49%.', '0 of 2 uploaded, 99%.'])
  })

  it('is not repeated while it stands still', () => {
    const { polite, announcer, advance } = setUp()
    announcer.progressed(aSummary({ total: 1, active: 1, fraction: 0.5 }))
    announcer.progressed(aSummary({ total: 1, active: 1, fraction: 0.5 }))
    advance(60_000)
    expect(polite).toEqual(['0 of 1 uploaded, 50%.'])
  })

  it('ends with one sentence about the whole', () => {
    const { polite, announcer, advance } = setUp()
    announcer.progressed(aSummary({ total: 3, active: 3 }))
    announcer.progressed(aSummary({ total: 3, processing: 3, fraction: 1 }))
    announcer.progressed(aSummary({ total: 3, completed: 2, failed: 1, fraction: 1 }))
    advance(60_000)
    expect(polite).toEqual(['0 of 3 uploaded, 0%.', 'Uploads finished: 2 completed, 1 failed.'])
  })

  it('says that the queue is paused', () => {
    const { polite, announcer } = setUp()
    announcer.progressed(aSummary({ total: 3, queued: 3, held: true, totalBytes: 9, sentBytes: 2 }))
    expect(polite).toEqual(['Paused · 3 to go.'])
  })

  it('says that files which wait for a start are ready', () => {
    const { polite, announcer } = setUp(0)
    announcer.progressed(aSummary({ total: 3, queued: 3, held: true }))
    expect(polite).toEqual(['3 files added. Ready · 3 files.'])
  })

  it('tells the same end again when it is another one', () => {
    const { polite, announcer, advance } = setUp(1)
    for (let run = 0; run < 2; run += 1) {
      announcer.progressed(aSummary({ total: 1, active: 1 }))
      announcer.progressed(aSummary({ total: 1, completed: 1, fraction: 1 }))
      advance(10_000)
    }
    advance(60_000)
    const end = 'Uploads finished: 1 completed.'
    expect(polite.filter((text) => text === end)).toEqual([end, end])
  })

  it('counts on when what is completed is cleared meanwhile', () => {
    const { polite, announcer, advance } = setUp(3)
    announcer.progressed(aSummary({ total: 3, active: 3 }))
    announcer.progressed(aSummary({ total: 3, active: 1, completed: 2, fraction: 0.7 }))
    announcer.progressed(aSummary({ total: 1, active: 1, fraction: 0.1 }))
    advance(10_000)
    expect(polite.at(-1)).toBe('2 of 3 uploaded, 10%.')
  })

  it('is silent about a list that is only cleared', () => {
    const { polite, announcer, advance } = setUp()
    announcer.progressed(aSummary({ total: 3, completed: 3 }))
    announcer.progressed(aSummary())
    advance(60_000)
    expect(polite).toEqual([])
  })
})

describe('problems', () => {
  it('are told at once, with their reason', () => {
    const { urgent, announcer } = setUp()
    announcer.failed(failed('film.mp4'))
    expect(urgent).toEqual(['film.mp4 failed. The connection was lost.'])
  })

  it('are counted when many come together', () => {
    const { urgent, announcer, advance } = setUp()
    announcer.failed(failed('0.mp4'))
    for (let index = 1; index <= 99; index += 1) announcer.failed(failed(`${index}.mp4`))
    advance(3000)
    expect(urgent).toEqual(['0.mp4 failed. The connection was lost.', '99 uploads failed. The last is 99.mp4: The connection was lost.'])
  })

  it('are told again when the same file fails again', () => {
    const { urgent, announcer, advance } = setUp()
    announcer.failed(failed('film.mp4'))
    advance(3000)
    announcer.failed(failed('film.mp4'))
    expect(urgent).toHaveLength(2)
  })

  it('name the first of the files that were refused', () => {
    const { urgent, announcer, advance } = setUp()
    announcer.rejected([rejected('a.exe')])
    advance(3000)
    announcer.rejected([rejected('b.exe'), rejected('c.exe')])
    expect(urgent).toEqual([
      'a.exe was not added. Only images can be added.',
      '2 files were not added. The first is b.exe: Only images can be added.',
    ])
  })
})

describe('the connection', () => {
  const connected = { ...NOT_CONNECTED, status: 'connected' } as const
  const lost = { ...NOT_CONNECTED, status: 'reconnecting' } as const
  const busy = () => {
    const set = setUp()
    set.announcer.connection(connected)
    set.announcer.progressed(aSummary({ total: 3, active: 3 }))
    set.advance(20_000)
    set.polite.length = 0
    return set
  }

  it('is told when it is lost for long, and when it is back', () => {
    const { polite, announcer, advance } = busy()
    announcer.connection(lost)
    advance(5000)
    announcer.connection({ ...lost, reconnectAttempts: 2 })
    advance(60_000)
    announcer.connection(connected)
    advance(60_000)
    expect(polite).toEqual(['The connection to the server is lost. It is tried again.', 'The connection to the server is back.'])
  })

  it('is no news while nothing is on its way', () => {
    const { polite, announcer, advance } = busy()
    announcer.progressed(aSummary({ total: 3, completed: 3 }))
    advance(20_000)
    polite.length = 0
    announcer.connection(lost)
    advance(60_000)
    expect(polite).toEqual([])
  })

  it('is no news when it is back soon', () => {
    const { polite, announcer, advance } = busy()
    announcer.connection(lost)
    advance(4000)
    announcer.connection(connected)
    advance(60_000)
    expect(polite).toEqual([])
  })

  it('is no news when it is back before there was a turn to say so', () => {
    const { polite, announcer, advance } = busy()
    announcer.progressed(aSummary({ total: 3, active: 3, fraction: 0.5 }))
    announcer.connection(lost)
    advance(6000)
    announcer.connection(connected)
    advance(60_000)
    expect(polite).toEqual(['0 of 3 uploaded, 50%.'])
  })

  it('is no news while it is made for the first time, but when it cannot be', () => {
    const { polite, announcer, advance } = setUp()
    announcer.progressed(aSummary({ total: 3, active: 3 }))
    advance(20_000)
    announcer.connection(lost)
    advance(20_000)
    expect(polite).toEqual(['0 of 3 uploaded, 0%.'])
    announcer.connection({ ...lost, status: 'error' })
    advance(20_000)
    expect(polite.at(-1)).toBe('The connection to the server is lost. It is tried again.')
  })
})

it('says nothing after its end', () => {
  const { polite, urgent, announcer, advance } = setUp()
  announcer.progressed(aSummary({ total: 1, active: 1 }))
  announcer.progressed(aSummary({ total: 1, active: 1, fraction: 0.9 }))
  announcer.dispose()
  advance(60_000)
  expect([...polite, ...urgent]).toEqual(['0 of 1 uploaded, 0%.'])
})
