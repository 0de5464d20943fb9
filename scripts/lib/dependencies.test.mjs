import { describe, expect, it } from 'vitest'
import { isInstalled } from './dependencies.mjs'

const a = { version: '1.0.0', integrity: 'sha512-a' }
const wanted = {
  packages: {
    '': { devDependencies: { a: '1.0.0' } },
    'packages/core': { dependencies: { b: '2.0.0' } },
    'node_modules/a': a,
    'node_modules/b': { version: '2.0.0' },
    'node_modules/native-for-windows': { version: '3.0.0' },
  },
}
const installed = { packages: { 'packages/core': {}, 'node_modules/a': a, 'node_modules/b': { version: '2.0.0' } } }

describe('an install is the lockfile’s', () => {
  it('when every package is there in the version and with the integrity that the lockfile names', () => {
    expect(isInstalled(wanted, installed)).toBe(true)
  })

  it('when a dependency of a workspace lies in its own node_modules', () => {
    const { 'node_modules/b': b, ...rest } = installed.packages
    const nested = { ...rest, 'packages/core/node_modules/b': b }
    expect(isInstalled({ packages: { ...wanted.packages, 'packages/core/node_modules/b': b } }, { packages: nested })).toBe(true)
  })

  it('but not when a version differs', () => {
    const changed = { ...installed.packages, 'node_modules/b': { version: '2.0.1' } }
    expect(isInstalled(wanted, { packages: changed })).toBe(false)
  })

  it('nor when the contents differ under one version', () => {
    const changed = { ...installed.packages, 'node_modules/a': { ...a, integrity: 'sha512-other' } }
    expect(isInstalled(wanted, { packages: changed })).toBe(false)
  })

  it('nor when a direct dependency is missing', () => {
    const { 'node_modules/b': _, ...rest } = installed.packages
    expect(isInstalled(wanted, { packages: rest })).toBe(false)
  })

  it('nor when it has a package that the lockfile dropped', () => {
    const extra = { ...installed.packages, 'node_modules/dropped': { version: '1.0.0' } }
    expect(isInstalled(wanted, { packages: extra })).toBe(false)
  })
})
