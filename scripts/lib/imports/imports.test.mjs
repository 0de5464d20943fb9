import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { findCircles } from './circles.mjs'
import { importsOf, readImportGraph } from './graph.mjs'
import { breaches } from './layers.mjs'

/** @param {Record<string, readonly string[]>} files */
const graph = (files) => new Map(Object.entries(files))

describe('the imports of a file', () => {
  it('are values, types, re-exports, side effects and dynamic imports, each once', () => {
    const source = `
      import a, { b } from './a.js'
      import type { T } from './types.js'
      import './side-effect.js'
      export * from './all.js'
      export type { U } from './types.js'
      const later = () => import('./later.js')
    `
    expect(importsOf('x.ts', source)).toEqual(['./a.js', './types.js', './side-effect.js', './all.js', './later.js'])
  })

  it('are the types of JSDoc too, where a file is JavaScript', () => {
    const source = `
      /** @typedef {import('./types.mjs').T} T see {@link import('./linked.mjs').x} */
      // import('./said.mjs')
      export const a = "import('./text.mjs')"
    `
    expect(importsOf('x.mjs', source)).toEqual(['./types.mjs'])
    expect(importsOf('x.ts', source)).toEqual([])
  })

  it('are not those in comments and texts', () => {
    expect(importsOf('x.ts', `/** import { a } from './a.js' */\nexport const text = "import './b.js'"`)).toEqual([])
  })

  it('are not read from a file that cannot be parsed', () => {
    expect(() => importsOf('x.ts', 'const =')).toThrow('x.ts cannot be parsed')
  })
})

describe('the graph of a house', () => {
  /** @type {string[]} */
  const houses = []
  afterEach(() => houses.splice(0).forEach((house) => rmSync(house, { recursive: true })))

  /** @param {Record<string, string>} files */
  function house(files) {
    const root = mkdtempSync(join(tmpdir(), 'imports-'))
    houses.push(root)
    for (const [path, source] of Object.entries(files)) {
      mkdirSync(join(root, path, '..'), { recursive: true })
      writeFileSync(join(root, path), source)
    }
    return root
  }

  it('has a circle of types between languages, by whichever ending they are named', () => {
    const root = house({
      'scripts/a.ts': `import type { B } from './lib/b.ts'`,
      'scripts/lib/b.ts': `import { c } from './c.mjs'`,
      'scripts/lib/c.mjs': `/** @typedef {import('../a.js').A} A */`,
    })
    const circle = ['scripts/a.ts', 'scripts/lib/b.ts', 'scripts/lib/c.mjs']
    expect(findCircles(readImportGraph(root, ['scripts']))).toEqual([circle])
  })

  it('leaves out what was installed or made', () => {
    const root = house({ 'a/a.js': '', 'a/node_modules/b.js': '', 'a/dist/c.js': '', 'a/.next/d.js': '', 'a/e.d.ts': '', 'a/f.json': '' })
    expect([...readImportGraph(root, ['a']).keys()]).toEqual(['a/a.js'])
  })
})

describe('a circle', () => {
  it('is found through several files, and reported once', () => {
    const files = graph({ 'a.ts': ['b'], 'b.ts': ['c', 'd'], 'c.tsx': ['a'], 'd.ts': [] })
    expect(findCircles(files)).toEqual([['a.ts', 'b.ts', 'c.tsx']])
  })

  it('is not made by two files that import the same third', () => {
    expect(findCircles(graph({ 'a.ts': ['b', 'c'], 'b.ts': ['c'], 'c.ts': [] }))).toEqual([])
  })
})

describe('an import goes the wrong way', () => {
  const core = 'packages/core/src'

  it.each([
    ['up the rooms', `${core}/protocol/a.ts`, `${core}/errors`],
    ['into an implementation where only the port is open', `${core}/queue/a.ts`, `${core}/strategies/put`],
    ['into a composition root', `${core}/store/a.ts`, `${core}/create-uploader`],
    ['from a file that has no room', `${core}/somewhere/a.ts`, `${core}/errors`],
    ['into the files of another package', 'packages/widget/src/a.ts', `${core}/errors`],
    ['from core to the widget', `${core}/index.ts`, '@upload-panel/widget'],
    ['from the server to more of core than its protocol', 'packages/server-adapter/src/a.ts', '@upload-panel/core'],
  ])('%s', (_way, from, to) => {
    expect(breaches(graph({ [from]: [to] }))).toEqual([expect.stringContaining(`${from} imports ${to}: `)])
  })

  it.each([
    ['down the rooms', `${core}/item/a.ts`, `${core}/protocol/index`],
    ['within its room', `${core}/store/a.ts`, `${core}/store/b`],
    ['into a port', `${core}/queue/a.ts`, `${core}/strategies/strategy`],
    ['from a composition root', `${core}/create-uploader.ts`, `${core}/queue/queue`],
    ['into core from the widget', 'packages/widget/src/a.ts', '@upload-panel/core/sse'],
    ['from the server to the protocol', 'packages/server-adapter/src/a.ts', '@upload-panel/core/protocol'],
    ['into a dependency', `${core}/store/a.ts`, 'nanostores'],
    ['from a test', `${core}/protocol/a.test.ts`, `${core}/errors`],
  ])('but not %s', (_way, from, to) => {
    expect(breaches(graph({ [from]: [to] }))).toEqual([])
  })
})
