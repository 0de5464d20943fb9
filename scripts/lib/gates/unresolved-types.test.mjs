import { expect, it } from 'vitest'
import { unresolvedTypes } from './unresolved-types.mjs'

const OUTPUT = `
@upload-panel/core v0.0.0

(ignored per resolution) 💀 Import failed to resolve to type declarations or JavaScript files. https://example.com

🐛 Import resolved to types through a conditional package.json export, but only after failing. https://example.com


"@upload-panel/core"

node16 (from ESM): 🟢 (ESM)
bundler: 🟢 
node10: (ignored) 💀 Resolution failed
node16 (from CJS): (ignored) ⚠️ ESM (dynamic import only)

***********************************

"@upload-panel/core/sse"

node16 (from ESM): 🐛 Used fallback condition
bundler: 🐛 Used fallback condition
node10: (ignored) 💀 Resolution failed
(ignored) 🐛 Used fallback condition

***********************************
`

it('names the entry whose types cannot be resolved, and how many ways there are', () => {
  expect(unresolvedTypes(OUTPUT)).toBe('2 problems, the first: @upload-panel/core/sse, node16 (from ESM): 🐛 Used fallback condition')
})

it('has nothing to say where attw failed for another reason', () => {
  expect(unresolvedTypes('npm error pack failed\n')).toBeUndefined()
})
