import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { UploadItem } from '../item/item.js'
import { newItem } from '../item/new-item.js'
import { hear, transition } from '../item/machine.js'
import { isStoredPart, parseProblem, parseSyncStatusUpdate, parseUploadPlan } from './index.js'

interface Golden {
  readonly transcripts: readonly {
    readonly title: string
    readonly updates: readonly object[]
    readonly ends: { readonly phase: string; readonly progress: number }
  }[]
  readonly updates: readonly object[]
  readonly plans: readonly object[]
  readonly storedParts: readonly object[]
  readonly problems: readonly { readonly body: object; readonly reads: object }[]
}

const golden = JSON.parse(readFileSync(new URL('./golden/version-1.json', import.meta.url), 'utf8')) as Golden
const client = '11112222333344445555666677778888'

describe('version 1 of the wire', () => {
  test.each([...golden.transcripts.flatMap(({ updates }) => updates), ...golden.updates])('reads the update %j as it is', (update) => {
    expect(parseSyncStatusUpdate(update)).toEqual({ ok: true, value: update })
    expect(parseSyncStatusUpdate(JSON.stringify(update))).toEqual({ ok: true, value: update })
  })

  test.each(golden.plans)('reads the plan %j as it is', (plan) => {
    expect(parseUploadPlan(plan)).toEqual({ ok: true, value: plan })
  })

  test.each(golden.storedParts)('reads the stored part %j', (part) => {
    expect(isStoredPart(part)).toBe(true)
  })

  test.each(golden.problems)('reads the problem document $body.code', ({ body, reads }) => {
    expect(parseProblem(JSON.stringify(body))).toEqual(reads)
  })

  describe.each(golden.transcripts)('$title', ({ updates, ends }) => {
    const play = (played: readonly object[]) =>
      played.reduce<UploadItem>(
        (item, raw) => {
          const parsed = parseSyncStatusUpdate(raw)
          return parsed.ok ? hear(item, { type: 'serverSaid', update: parsed.value }) : item
        },
        transition(newItem({ id: client, file: { name: 'a', size: 1, type: '' }, addedAt: 0 }), { type: 'started' }),
      )

    test('ends where it says', () => {
      expect(play(updates)).toMatchObject({ phase: ends.phase, server: { progress: ends.progress } })
    })

    test('ends there too when every message comes twice', () => {
      expect(play(updates.flatMap((update) => [update, update]))).toMatchObject({ phase: ends.phase })
    })

    test('ends there too when the messages come in reverse', () => {
      expect(play([...updates].reverse())).toMatchObject({ phase: ends.phase })
    })
  })
})
