import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { describeWithPostgresql } from './provided.ts'
import { type Supabase, startSupabase } from './supabase.ts'
import { type Delays, SHORT_DELAYS } from './supabase/options.ts'
import { bindingIds, isLike, play, readTranscript, type Tokens, withoutIds } from './supabase/transcript.ts'

const OWNER = '11111111-1111-1111-1111-111111111111'

describeWithPostgresql('Supabase, frame by frame as it was recorded', () => {
  suite(['joins', 'tokens', 'changes', 'private', 'endings'], SHORT_DELAYS)
})

// Its server has less patience with clients than a slow machine needs for the others.
describeWithPostgresql('Supabase, with a client that says nothing', () => {
  suite(['silence'], { ...SHORT_DELAYS, idle: 1500 })
})

function suite(transcripts: readonly string[], delays: Delays): void {
  let supabase: Supabase

  beforeAll(async () => {
    supabase = await startSupabase({ delays })
    await supabase.query(await readFile(new URL('supabase/transcripts/tables.sql', import.meta.url), 'utf8'))
  })

  afterAll(() => supabase?.stop())

  const expired = (seconds: number) => supabase.token({ exp: Date.now() / 1000 - seconds })
  const tokens: Tokens = {
    anon: async () => supabase.anonKey,
    service_role: async () => supabase.serviceRoleKey,
    jwt: () => supabase.token(),
    another: () => supabase.token({ jti: 'another' }),
    owner: () => supabase.token({ sub: OWNER }),
    'for 2 s': () => supabase.token({}, 2),
    // A bit more, so that it stays the same number of whole seconds for a while.
    'expired 5 s': () => expired(5.1),
    'expired 7 s': () => expired(7.1),
    'without exp': () => supabase.token({ exp: undefined }),
    'without role': () => supabase.token({ role: undefined }),
    'of another secret': async () => (await supabase.token()).replace(/[^.]+$/, (signature) => signature.split('').reverse().join('')),
  }

  /** Ours by those that were recorded: the same binding has the same number on every connection. */
  const numbers = new Map<string, string>()

  for (const name of transcripts) {
    describe(`${name}`, () => {
      for (const section of readTranscript(name)) {
        test(`${section.title}`, async () => {
          for (const answer of await play(supabase, section, tokens)) {
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
}
