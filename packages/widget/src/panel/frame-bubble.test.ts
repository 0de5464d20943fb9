import { expect, test } from 'vitest'
import { aSummary } from '../testing/a-summary.js'
import { bubbleTone } from './frame-bubble.js'

test.each([
  [{}, 'idle'],
  [{ total: 1, cancelled: 1 }, 'idle'],
  [{ total: 2, active: 1, failed: 1 }, 'active'],
  [{ total: 2, processing: 1, completed: 1 }, 'active'],
  [{ total: 2, queued: 2, held: true }, 'idle'],
  [{ total: 2, queued: 2, held: true, sentBytes: 1 }, 'paused'],
  [{ total: 2, paused: 1, completed: 1 }, 'paused'],
  [{ total: 2, paused: 1, active: 1 }, 'active'],
  [{ total: 2, completed: 1, failed: 1 }, 'failed'],
  [{ total: 2, completed: 2 }, 'done'],
] as const)('a collapsed panel over %o is %s', (summary, tone) => expect(bubbleTone(aSummary(summary))).toBe(tone))
