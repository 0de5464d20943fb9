import { expect, test } from 'vitest'
import { MIGRATIONS } from '../postgres/migrations.js'
import { SUPABASE_SQL } from './migration.js'

test('the file that is published has what the sources say; `vitest run … -u` writes it', async () => {
  await expect(SUPABASE_SQL).toMatchFileSnapshot('../../../sql/supabase.sql')
})

test('it has every step of the schema in full', () => {
  for (const step of MIGRATIONS) expect(SUPABASE_SQL).toContain(step)
})
