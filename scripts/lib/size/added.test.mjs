import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { addedBytes } from './added.mjs'

const folder = mkdtempSync(join(tmpdir(), 'added-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Text that cannot be made shorter, a kilobyte and more. @param {string} name */
const noise = (name) => Array.from({ length: 40 }, (_, index) => createHash('sha256').update(`${name} ${index}`).digest('base64')).join('')

/** @param {string} path @param {string} code */
const file = (path, code) => writeFileSync(join(folder, path), code)
file('shared.js', `export const shared = '${noise('shared')}'`)
file('engine.js', `import { shared } from './shared.js'\nexport const engine = () => shared`)
file('extra.js', `import { shared } from './shared.js'\nexport const extra = () => shared\nexport const unused = '${noise('unused')}'`)
file('vendor.js', `export const vendor = '${noise('vendor')}'`)
file('adapter.js', `import { vendor } from './vendor.js'\nexport const adapter = () => vendor`)

const had = { './engine.js': '{ engine }' }

describe('what a page loads more', () => {
  it('is neither what it has already nor what it does not use', async () => {
    expect(await addedBytes({ folder, had, added: { './extra.js': '{ extra }' } })).toBeLessThan(60)
  })

  it('is what nobody else has brought, and what is used of it', async () => {
    expect(await addedBytes({ folder, had: { './vendor.js': '{}' }, added: { './extra.js': '{ extra }' } })).toBeGreaterThan(1000)
    expect(await addedBytes({ folder, had, added: { './extra.js': '{ extra, unused }' } })).toBeGreaterThan(1000)
  })

  it('is not what is ignored', async () => {
    const added = { './adapter.js': '{ adapter }' }
    expect(await addedBytes({ folder, had, added })).toBeGreaterThan(1000)
    expect(await addedBytes({ folder, had, added, ignored: ['./vendor.js'] })).toBeLessThan(100)
  })
})
