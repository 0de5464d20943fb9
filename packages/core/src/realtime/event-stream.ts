import { UploadError } from '../errors.js'

/** One event of a stream. */
export interface StreamEvent {
  /** Absent where it does not say one. */
  readonly id: string | undefined
  /** Its name; empty where it has none. */
  readonly event: string
  readonly data: string
}

/**
 * Reads `text/event-stream`, as the HTML standard has it, out of text that may be cut anywhere and has no byte order mark any more (a `TextDecoder`
 * takes it away). Throws where more than `most` UTF-16 units belong to one event: a server that never ends a line must not fill the page's memory.
 */
export function createEventReader(most: number, onEvent: (event: StreamEvent) => void): (text: string) => void {
  /** Of the line that has not ended yet. */
  let begun = ''
  let id: string | undefined
  let event = ''
  let data: string[] = []
  let dataLength = 0
  let isAfterReturn = false

  function take(line: string): void {
    if (line === '') {
      if (data.length > 0) onEvent({ id, event, data: data.join('\n') })
      id = undefined
      event = ''
      data = []
      dataLength = 0
      return
    }
    const colon = line.indexOf(':')
    const name = colon === -1 ? line : line.slice(0, colon)
    const value = colon === -1 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)
    if (name === 'data') {
      data.push(value)
      dataLength += value.length + 1
    } else if (name === 'event') event = value
    else if (name === 'id' && !value.includes('\0')) id = value
  }

  return (text) => {
    if (text === '') return
    // Only what is new is searched: a long line that comes in many pieces is not gone through again with each.
    // By one character where that is all there is: thousands of lines a second.
    const lines = (isAfterReturn && text.startsWith('\n') ? text.slice(1) : text).split(text.includes('\r') ? /\r\n|\r|\n/ : '\n')
    isAfterReturn = text.endsWith('\r')
    const last = lines.pop() ?? ''
    for (const line of lines) {
      take(begun + line)
      begun = ''
    }
    begun += last
    if (begun.length + dataLength > most) throw new UploadError('bad_answer', 'The event stream sent a message without end.')
  }
}
