import { expect, test } from 'vitest'
import { compactTemplates } from './compact-templates.mjs'

/** @param {string} code */
const inOneLine = (code) => compactTemplates(code).replaceAll('\n', '')

test('a style sheet loses comments and the spaces that it does not need', () => {
  const sheet = `css\`
    /* The panel's own: all of it. */
    .row:hover > .name,
    .row :focus {
      inset: calc(100% - 2px) 0; /* why */
      font: 1em / 1.5 'A, B';
    }
  \``
  expect(inOneLine(sheet)).toBe("css` .row:hover > .name,.row :focus{inset:calc(100% - 2px) 0;font:1em / 1.5 'A, B'}`")
})

test('strings of a style sheet are as they were', () => {
  expect(inOneLine('css`a { content: "/* : ; */  }"; }`')).toBe('css`a{content:"/* : ; */  }"}`')
})

test('what a style sheet takes from elsewhere stays apart from what is around it', () => {
  expect(inOneLine('css`\n  ${tokens}\n  @media ${PHONE} {\n    a {\n      ${dark}\n    }\n  }\n`')).toBe(
    'css` ${tokens} @media ${PHONE}{a{${dark}}}`',
  )
})

test('a template keeps one space where it had a line break, and those within a line', () => {
  expect(inOneLine('html`\n  <p>\n    a  b ${c}\n    ${d}<i\n      class="e"\n    ></i>\n  </p>\n`')).toBe(
    'html` <p> a  b ${c} ${d}<i class="e" ></i> </p> `',
  )
})

test('a template within another is made compact, too', () => {
  expect(inOneLine('html`<p>\n  ${a ? html`<b>\n  ${svg`\n<g />`}</b>` : nothing}\n</p>`')).toBe(
    'html`<p> ${a ? html`<b> ${svg` <g />`}</b>` : nothing} </p>`',
  )
})

test('each line of code behind a template stays the line that it was', () => {
  const code = 'const a = html`\n  ${one}\n  ${html`\n${two}`}\n`\nconst b = css`\n  c {\n  }\n`\nthrow b'
  const lineOf = (/** @type {string} */ text) => text.split('\n').findIndex((line) => line.includes('throw b'))
  expect(lineOf(compactTemplates(code))).toBe(lineOf(code))
})

test('other code is left alone', () => {
  const code = 'const a = `\n  b: 1;\n`\nconst c = String.raw`\n  d`\n// css`  e`'
  expect(compactTemplates(code)).toBe(code)
})
