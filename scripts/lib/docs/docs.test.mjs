import { describe, expect, it } from 'vitest'
import { blocksOf, importsBefore, withoutEllipses } from './blocks.mjs'
import { brokenLinks } from './links.mjs'
import { typeErrors } from './type-errors.mjs'

describe('the code of a page', () => {
  it('is its blocks, and the modules in its HTML, with their lines', () => {
    const page = [
      '# A',
      '```ts',
      'one()',
      '```',
      '- in a list',
      '  ```sh',
      '  two',
      '  ```',
      '```html',
      '<p></p>',
      '<script type="module">',
      '  three()',
      '</script>',
      '```',
      '',
    ].join('\n')
    expect(blocksOf(page)).toEqual([
      { language: 'ts', line: 3, code: 'one()\n' },
      { language: 'sh', line: 7, code: '  two\n' },
      { language: 'js', line: 12, code: '  three()\n' },
    ])
  })

  it('has something in place of what it leaves out, and keeps its texts', () => {
    expect(withoutEllipses(`f({ …, a: 1 }, (b) => …) // … and so on`)).toBe('f({ ...leftOut, a: 1 }, (b) => leftOut) // … and so on')
    expect(withoutEllipses("say('9f2c…', `…`)")).toBe("say('9f2c…', `…`)")
  })

  it('knows what an earlier block has imported, where it uses that and has nothing else of this name', () => {
    const earlier = [`import { a, type B, c as d } from 'x'\nimport E from 'y'\nimport type { F } from 'z'`]
    expect(importsBefore('a(E)', earlier)).toBe(`import { a } from 'x'; import E from 'y';`)
    expect(importsBefore('const x: B | F = d', earlier)).toBe(
      `import { type B } from 'x'; import { c as d } from 'x'; import type { F } from 'z';`,
    )
    expect(importsBefore(`import { a } from 'other'\nconst E = a`, earlier)).toBe('')
  })
})

describe('an error in it', () => {
  it('is told by the place in the page', () => {
    expect(typeErrors("docs/a.md/12.ts(14,3): error TS2339: Property 'x' does not exist.\n  of which more\n")).toEqual([
      "docs/a.md:14: Property 'x' does not exist. (TS2339)",
    ])
  })

  it.each([
    ["a.md/1.ts(1,1): error TS2304: Cannot find name 'userOf'.", 'a name that the reader has'],
    ["a.md/1.ts(1,1): error TS2307: Cannot find module 'standardwebhooks'.", 'a package of others'],
    ["a.md/1.js(1,1): error TS7006: Parameter 'a' implicitly has an 'any' type.", 'a type that JavaScript cannot say'],
  ])('is not %s: %s', (output) => expect(typeErrors(output)).toEqual([]))

  it.each([
    "a.md/1.ts(1,1): error TS2307: Cannot find module '@upload-panel/core/no'.",
    "a.md/1.ts(1,1): error TS7006: Parameter 'a' implicitly has an 'any' type.",
    "a.md/1.js(1,1): error TS2345: Argument of type 'a'.",
  ])('is: %s', (output) => expect(typeErrors(output)).toHaveLength(1))
})

describe('a link', () => {
  const pages = new Map([
    [
      'README.md',
      '[a](docs/a.md#in-a-form) [b](docs/a.md#no) [c](gone.md) [d](https://example.com/x.md) `[e](gone.md)` [f](#the-top)\n\n# The top',
    ],
    ['docs/a.md', '## In a `form`\n\n[up](../README.md#the-top)\n\n```md\n[g](gone.md)\n```\n'],
  ])

  it('leads to a file that is there, and to a heading that it has', () => {
    expect(brokenLinks(pages, (path) => pages.has(path))).toEqual([
      'README.md: docs/a.md has no heading for #no',
      'README.md: there is no gone.md, to which it links',
    ])
  })
})
