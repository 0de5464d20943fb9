import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { memoryName, memoryOf, type Rememberer } from './memory.js'

/** As much of `localStorage` as is used. */
function storage(content: Record<string, string> = {}) {
  const kept = new Map(Object.entries(content))
  return {
    kept,
    getItem: vi.fn((key: string) => kept.get(key) ?? null),
    setItem: vi.fn((key: string, value: string) => void kept.set(key, value)),
  }
}

let local = storage()
const use = (content: Record<string, string>) => {
  local = storage(content)
  vi.stubGlobal('localStorage', local)
}

beforeEach(() => use({}))
afterEach(() => {
  vi.unstubAllGlobals()
})

describe('the memory of an element', () => {
  test('keeps facts under one name', () => {
    memoryOf('a').write('collapsed', true)
    memoryOf('a').write('tab', 'failed')
    expect(memoryOf('a').read('collapsed')).toBe(true)
    expect(memoryOf('a').read('tab')).toBe('failed')
    expect(memoryOf('b').read('collapsed')).toBeUndefined()
    expect([...local.kept.keys()]).toEqual(['upload-panel:a'])
  })

  test('forgets what becomes undefined', () => {
    memoryOf('a').write('spot', { x: 1 })
    memoryOf('a').write('spot', undefined)
    expect(memoryOf('a').read('spot')).toBeUndefined()
  })

  test('keeps what another tab has written meanwhile', () => {
    const memory = memoryOf('a')
    memory.write('collapsed', true)
    local.kept.set('upload-panel:a', '{"collapsed":true,"tab":"active"}')
    memory.write('collapsed', false)
    expect(memory.read('tab')).toBe('active')
  })

  test('without a name touches nothing', () => {
    memoryOf('').write('collapsed', true)
    expect(memoryOf('').read('collapsed')).toBeUndefined()
    expect(local.setItem).not.toHaveBeenCalled()
    expect(local.getItem).not.toHaveBeenCalled()
  })

  for (const nonsense of [
    '',
    '{',
    'null',
    '7',
    '"x"',
    '[true]',
    '{"__proto__":{"collapsed":true}}',
    `{"collapsed":"${'x'.repeat(5000)}"}`,
  ]) {
    test(`reads nothing out of ${nonsense.slice(0, 40)}`, () => {
      use({ 'upload-panel:a': nonsense })
      expect(memoryOf('a').read('collapsed')).toBeUndefined()
      expect(memoryOf('a').read('toString')).toBeUndefined()
      memoryOf('a').write('collapsed', true)
      expect(memoryOf('a').read('collapsed')).toBe(true)
    })
  }

  test('is harmless where storage is forbidden', () => {
    vi.stubGlobal('localStorage', undefined)
    memoryOf('a').write('collapsed', true)
    expect(memoryOf('a').read('collapsed')).toBeUndefined()
  })

  test('is harmless where storage is full', () => {
    local.setItem.mockImplementation(() => {
      throw new DOMException('Full.', 'QuotaExceededError')
    })
    expect(() => memoryOf('a').write('collapsed', true)).not.toThrow()
  })
})

const element = (change: Partial<Rememberer> = {}): Rememberer => ({
  remember: '',
  id: '',
  endpoint: '/uploads',
  isConnected: true,
  ...change,
})

test('an element remembers by what it is told, else by its id, else by where it uploads to', () => {
  expect(memoryName(element({ endpoint: '/one' }))).toBe('/one')
  expect(memoryName(element({ id: 'tray' }))).toBe('tray')
  expect(memoryName(element({ id: 'tray', remember: 'anna' }))).toBe('anna')
  expect(memoryName(element({ id: 'tray', remember: 'off' }))).toBe('')
  expect(memoryName(element({ endpoint: '' }))).toBe('')
})

test('of several that nobody has named each remembers by its place, and leaves it to the next one when it is gone', () => {
  const endpoint = '/several'
  const first = { ...element({ endpoint }), isConnected: true }
  const [second, third] = [element({ endpoint }), element({ endpoint })]
  const names = () => [first, second, third].map(memoryName)
  expect(names()).toEqual(['/several', '/several 2', '/several 3'])
  expect(names()).toEqual(['/several', '/several 2', '/several 3'])
  first.isConnected = false
  expect(memoryName(first)).toBe('/several')
  expect(memoryName(element({ endpoint }))).toBe('/several')
  expect(memoryName(third)).toBe('/several 3')
})
