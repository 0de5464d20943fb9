import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { describeWithPostgresql } from './provided.ts'
import { type Supabase, startSupabase } from './supabase.ts'
import { SHORT_DELAYS } from './supabase/options.ts'
import { bindingIds, isLike, play, readTranscript, withoutIds } from './supabase/transcript.ts'

const OWNER = '11111111-1111-1111-1111-111111111111'

describeWithPostgresql('Supabase, frame by frame as it was recorded', () => {
  let directory = ''
  let supabase: Supabase

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'upload-panel-supabase-'))
    supabase = await startSupabase({ directory, delays: { ...SHORT_DELAYS, idle: 1000 } })
    await supabase.query(await readFile(new URL('supabase/transcripts/tables.sql', import.meta.url), 'utf8'))
  })

  afterAll(async () => {
    await supabase?.stop()
    await rm(directory, { recursive: true, force: true })
  })

  const tokens = async (): Promise<Readonly<Record<string, string>>> => {
    const jwt = await supabase.token({ sub: crypto.randomUUID() })
    return {
      anon: supabase.anonKey,
      service_role: supabase.serviceRoleKey,
      jwt,
      another: await supabase.token({ sub: crypto.randomUUID() }),
      owner: await supabase.token({ sub: OWNER }),
      'for 1 s': await supabase.token({}, 1),
      'expired 5 s': await supabase.token({}, -5),
      'expired 7 s': await supabase.token({}, -7),
      'without exp': await supabase.token({ exp: undefined }),
      'without role': await supabase.token({ role: undefined }),
      'of another secret': `${jwt.slice(0, -8)}${jwt.slice(-8).split('').reverse().join('')}`,
    }
  }

  /** Ours by those that were recorded: the same binding has the same number on every connection. */
  const numbers = new Map<string, string>()

  for (const name of ['joins', 'tokens', 'changes', 'private', 'endings']) {
    describe(`${name}`, () => {
      for (const section of readTranscript(name)) {
        test(`${section.title}`, async () => {
          for (const answer of await play(supabase, section, await tokens())) {
            const { recorded, got } = { recorded: withoutIds(answer.recorded), got: withoutIds(answer.got) }
            if (!isLike({ recorded, got })) expect(got).toBe(recorded)
            const ours = bindingIds(answer.got)
            for (const [place, id] of bindingIds(answer.recorded).entries()) {
              const known = numbers.get(id) ?? ours[place] ?? ''
              numbers.set(id, known)
              expect(ours[place], `the number that was ${id}`).toBe(known)
            }
          }
          expect(new Set(numbers.values()).size).toBe(numbers.size)
        })
      }
    })
  }
})
