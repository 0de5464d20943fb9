import { NOT_CONNECTED } from '@upload-panel/core'
import { describe, expect, test } from 'vitest'
import { aSummary } from '../testing/a-summary.js'
import { type PanelFacts, panelStates } from './panel-states.js'

const connection = { ...NOT_CONNECTED, status: 'connected', transport: 'sse' } as const

/** Names of the states that hold. */
function states(summary: Parameters<typeof aSummary>[0], facts: Partial<PanelFacts> = {}) {
  const all = panelStates({ summary: aSummary(summary), connection, isOnline: true, isCollapsed: false, isOver: false, ...facts })
  return Object.entries(all).flatMap(([name, isOn]) => (isOn ? [name] : []))
}

describe('the states of a panel', () => {
  test.each([
    [{}, ['empty']],
    [{ total: 2, active: 1, queued: 1 }, ['uploading']],
    [{ total: 2, active: 1, processing: 1 }, ['uploading', 'processing']],
    [{ total: 2, processing: 2 }, ['processing']],
    [{ total: 2, queued: 2, held: true }, []],
    [{ total: 2, queued: 1, completed: 1, held: true }, ['paused']],
    [{ total: 2, paused: 2 }, ['paused']],
    [{ total: 2, paused: 1, active: 1 }, ['uploading']],
    [{ total: 2, completed: 2 }, ['completed']],
    [{ total: 2, completed: 1, cancelled: 1 }, ['completed']],
    [{ total: 2, completed: 1, failed: 1 }, ['failed']],
    [{ total: 2, active: 1, failed: 1 }, ['uploading', 'failed']],
    [{ total: 1, cancelled: 1 }, []],
  ] as const)('for %o are %o', (summary, expected) => expect(states(summary)).toEqual(expected))

  test('tell that nobody is reached', () => {
    expect(states({}, { isOnline: false })).toContain('offline')
    expect(states({}, { connection: { ...connection, status: 'error' } })).toContain('offline')
    expect(states({}, { connection: { ...connection, status: 'reconnecting', reconnectAttempts: 2 } })).toContain('offline')
    // The first attempt is no loss.
    expect(states({}, { connection: { ...connection, status: 'reconnecting' } })).not.toContain('offline')
    expect(states({}, { connection: undefined })).not.toContain('offline')
  })

  test('tell what the panel looks like', () => {
    expect(states({}, { isCollapsed: true, isOver: true })).toEqual(['empty', 'collapsed', 'over'])
  })
})
