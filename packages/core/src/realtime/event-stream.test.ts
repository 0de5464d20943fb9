import { createParser } from 'eventsource-parser'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createEventReader, type StreamEvent } from './event-stream.js'

/** What a page is told of a stream that comes in these pieces. */
function read(...pieces: readonly string[]): readonly StreamEvent[] {
  const events: StreamEvent[] = []
  const reader = createEventReader(1000, (event) => events.push(event))
  for (const piece of pieces) reader(piece)
  return events
}

/** The same, by a parser that many use. */
function readByOther(text: string): readonly StreamEvent[] {
  const events: StreamEvent[] = []
  const parser = createParser({ onEvent: ({ id, event = '', data }) => events.push({ id, event, data }) })
  parser.feed(text)
  return events
}

const event = (data: string, more: Partial<StreamEvent> = {}): StreamEvent => ({ id: undefined, event: '', data, ...more })

describe('events of a stream', () => {
  it.each<[string, string, readonly StreamEvent[]]>([
    ['have a name, an id and data', 'id: 7\nevent: note\ndata: a\n\n', [event('a', { id: '7', event: 'note' })]],
    ['end with an empty line, and not before', 'data: a\n', []],
    ['are nothing without data', 'event: note\nid: 1\n\ndata: b\n\n', [event('b')]],
    ['may have empty data', 'data\n\ndata:\n\n', [event(''), event('')]],
    ['have lines of data, of which one space before the value counts for nothing', 'data:  a\ndata:b\n\n', [event(' a\nb')]],
    ['may hold colons', 'data: {"a":1}\n\n', [event('{"a":1}')]],
    ['stand between comments and unknown fields', ': beat\nretry: 5\nother: x\ndata: a\n:\n\n', [event('a')]],
    [
      'do not take over what the one before said',
      'id: 1\nevent: x\ndata: a\n\ndata: b\n\n',
      [event('a', { id: '1', event: 'x' }), event('b')],
    ],
    ['have no id with a null character', 'id: a\0\ndata: a\n\n', [event('a')]],
    ['may take the id back', 'id\ndata: a\n\n', [event('a', { id: '' })]],
    ['end their lines as they like', 'data: a\r\rdata: b\r\n\r\ndata: c\n\r', [event('a'), event('b'), event('c')]],
    ['may hold what some take for an end of a line', 'data: a\u2028b\u0085c\n\n', [event('a\u2028b\u0085c')]],
  ])('%s', (_what, text, expected) => {
    expect(read(text)).toEqual(expected)
    expect(read(...text.split(''))).toEqual(expected)
  })

  it('are those that another parser finds, wherever the stream is cut', () => {
    const word = fc.constantFrom('data', 'event', 'id', 'retry', ':', ': ', '\n', '\r', '\r\n', '\n\n', '\0', 'x', 'é', '')
    fc.assert(
      fc.property(fc.array(word, { maxLength: 40, size: 'max' }), fc.array(fc.nat(60)), (words, cuts) => {
        // Both wait for what may follow a return that ends the stream.
        const text = `${words.join('')}x\n`
        const places = [0, ...cuts.filter((cut) => cut < text.length).sort((a, b) => a - b), text.length]
        expect(read(...places.slice(1).map((end, index) => text.slice(places[index], end)))).toEqual(readByOther(text))
      }),
      { numRuns: 2000, seed: 1 },
    )
  })

  it('are bounded, in one line and in many', () => {
    expect(() => read('data: ', 'x'.repeat(990))).not.toThrow()
    expect(() => read('data: ', 'x'.repeat(995))).toThrow('without end')
    expect(() => read(...Array.from({ length: 11 }, () => `data: ${'x'.repeat(100)}\n`))).toThrow('without end')
    expect(() => read('data\n'.repeat(1001))).toThrow('without end')
    expect(() => read(...Array.from({ length: 50 }, () => `data: ${'x'.repeat(100)}\n\n`))).not.toThrow()
    expect(() => read(...Array.from({ length: 50 }, () => `: ${'x'.repeat(100)}\n`))).not.toThrow()
  })
})
