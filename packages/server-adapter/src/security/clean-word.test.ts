import type { SyncStatusUpdate } from '@upload-panel/core/protocol'
import { describe, expect, test } from 'vitest'
import { cleanFile, cleanRecord, cleanWord } from './clean-word.js'

const word: SyncStatusUpdate = {
  operation_id: 'a',
  operation_type: 'upload',
  status: 'pending',
  progress: 0,
  timestamp: '2026-01-01T00:00:00Z',
}
/** A NUL, an escape of a terminal, a mark that turns text round, and half a character. */
const DIRTY = 'a\0b\u001b[31m\u202Egpj.exe\ud800'
const CLEAN = 'ab[31mgpj.exe\ufffd'

describe('a word', () => {
  test('is clean in all its texts, however deep they are', () => {
    const dirty: SyncStatusUpdate = {
      ...word,
      message: DIRTY,
      stage: DIRTY,
      triggered_by: DIRTY,
      source: DIRTY,
      error: { code: DIRTY, message: DIRTY, retryable: true },
      file: { name: DIRTY, size: 1, type: DIRTY, relative_path: DIRTY },
      result: { [DIRTY]: [{ deep: DIRTY }], count: 7, none: null },
      performance_data: { [DIRTY]: DIRTY },
    }
    expect(cleanWord(dirty)).toEqual({
      ...word,
      message: CLEAN,
      stage: CLEAN,
      triggered_by: CLEAN,
      source: CLEAN,
      error: { code: CLEAN, message: CLEAN, retryable: true },
      file: { name: CLEAN, size: 1, type: CLEAN, relative_path: CLEAN },
      result: { [CLEAN]: [{ deep: CLEAN }], count: 7, none: null },
      performance_data: { [CLEAN]: CLEAN },
    })
  })

  test('that has none of them gets none', () => {
    expect(Object.keys(cleanWord(word))).toEqual(Object.keys(word))
  })

  test('is bounded where it is for people; what a program says to a program is bounded as a whole, elsewhere', () => {
    const long = 'x'.repeat(5000)
    const clean = cleanWord({
      ...word,
      message: long,
      stage: long,
      file: { name: long, size: 1, type: long, relative_path: long },
      result: long,
    })
    const lengths = [clean.message, clean.stage, clean.file?.name, clean.file?.type, clean.file?.relative_path, clean.result]
    expect(lengths.map((text) => String(text).length)).toEqual([2000, 100, 1000, 255, 4000, 5000])
  })
})

test('a file keeps what else is said of it', () => {
  expect(cleanFile({ name: 'a', size: 7, type: '' })).toEqual({ name: 'a', size: 7, type: '' })
})

test('what says itself how it is written is left to do so', () => {
  const date = new Date(0)
  expect(cleanRecord({ date })).toEqual({ date })
})
