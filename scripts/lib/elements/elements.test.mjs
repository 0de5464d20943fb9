import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { fromRoot } from '../paths.mjs'
import { analyzeElements, elementsOf } from './analyze.mjs'
import { vsCodeCss, vsCodeHtml, webTypes } from './editor-data.mjs'
import { elementTypes } from './framework-types.mjs'

const manifest = analyzeElements()
const elements = elementsOf(manifest)
/** @param {string} tagName */
const find = (tagName) => elements.find(({ element }) => element.tagName === tagName)?.element
const { exports: entries, name, version } = JSON.parse(readFileSync(fromRoot('packages/widget/package.json'), 'utf8'))
/** What HTML itself says of every control of a form. */
const OF_CONTROLS = ['type', 'form', 'labels', 'validity', 'willValidate', 'validationMessage']
const OF_HTML = ['input', 'change', 'invalid', 'close', 'toggle']
const readme = readFileSync(fromRoot('packages/widget/README.md'), 'utf8')

describe('the manifest', () => {
  test('has an element for every module of one, and none that is internal', () => {
    const modules = Object.keys(entries).filter((entry) => entries[entry]['@upload-panel/source'] && find(entry.slice(2)))
    expect(elements.map(({ element }) => `./${element.tagName}`).sort()).toEqual(modules.sort())
    expect(modules).toContain('./upload-panel')
    expect(find('upload-panel-row')).toBeUndefined()
  })

  test.each(elements.map(({ path, element }) => [element.tagName, path]))(
    'says where <%s> is, as the package is installed',
    (tagName, path) => {
      expect(entries[`./${tagName}`].default).toBe(`./${path}`)
    },
  )

  test('says of the panel what it inherits, and nothing that is private', () => {
    const panel = find('upload-panel')
    const members = panel?.members?.map(({ name: member }) => member) ?? []
    expect(panel?.attributes).toContainEqual(
      expect.objectContaining({ name: 'max-size', fieldName: 'maxSize', type: { text: 'number | undefined' } }),
    )
    expect(panel?.attributes).toContainEqual(expect.objectContaining({ name: 'theme', type: { text: "'dark' | 'light' | 'auto'" } }))
    expect(panel?.events).toContainEqual(
      expect.objectContaining({ name: 'upload-added', type: { text: 'CustomEvent<UploadItemsDetail>' } }),
    )
    expect(members).toEqual(expect.arrayContaining(['uploader', 'addFiles', 'start', 'retry', 'messages']))
    expect(members.filter((member) => member.startsWith('#') || ['words', 'render', 'attach'].includes(member))).toEqual([])
  })

  test.each(elements.map(({ element }) => [element.tagName, element]))('describes all that <%s> has', (_tagName, element) => {
    const { attributes = [], events = [], cssParts = [], cssProperties = [], cssStates = [], slots = [], members = [] } = element
    const all = [...attributes, ...events, ...cssParts, ...cssProperties, ...cssStates, ...slots, ...members]
    expect(all.flatMap((entry) => (entry.description || OF_CONTROLS.includes(entry.name) ? [] : [entry.name]))).toEqual([])
  })

  test.each(elements.map(({ element }) => [element.tagName, element]))(
    'knows the type of every event of <%s>',
    (_tagName, { events = [] }) => {
      expect(events.flatMap((event) => (event.type?.text === 'Event' && !OF_HTML.includes(event.name) ? [event.name] : []))).toEqual([])
    },
  )

  test('has every attribute, custom property and event of which the README tells', () => {
    const attributes = elements.flatMap(({ element }) => element.attributes?.map((attribute) => attribute.name) ?? [])
    const properties = elements.flatMap(({ element }) => element.cssProperties?.map((property) => property.name) ?? [])
    const events = elements.flatMap(({ element }) => element.events?.map((event) => event.name) ?? [])
    expect(attributes).toEqual(expect.arrayContaining(firstColumn('attribute')))
    expect(events).toEqual(expect.arrayContaining(firstColumn('event')))
    expect(properties).toEqual(
      expect.arrayContaining(Array.from(readme.matchAll(/--upload-panel-[a-z-]*[a-z]/g), ([property]) => property)),
    )
  })
})

/** The names in the first column of the README's tables with this head. @param {string} head */
function firstColumn(head) {
  const tables = Array.from(readme.matchAll(new RegExp(String.raw`^\| ${head} \|.*\n(?:\|.*\n)+`, 'gm')), ([table]) => table)
  const cells = tables.flatMap((table) => table.split('\n').slice(2)).map((row) => row.split('|')[1] ?? '')
  const names = cells.flatMap((cell) => Array.from(cell.matchAll(/`([a-z-]+)`/g), ([, found = '']) => found))
  expect(names).not.toEqual([])
  return names
}

describe('what editors know', () => {
  test('VS Code offers the values of a choice, and nothing for an attribute that is there or not', () => {
    const panel = vsCodeHtml(manifest).tags.find((tag) => tag.name === 'upload-panel')
    expect(panel?.attributes).toContainEqual(
      expect.objectContaining({ name: 'theme', values: [{ name: 'dark' }, { name: 'light' }, { name: 'auto' }] }),
    )
    expect(panel?.attributes).toContainEqual(expect.objectContaining({ name: 'no-auto-start', valueSet: 'v' }))
  })

  test('VS Code completes custom properties and parts, each once', () => {
    const { properties, pseudoElements } = vsCodeCss(manifest)
    expect(properties.filter((property) => property.name === '--upload-panel-accent')).toHaveLength(1)
    expect(pseudoElements.map((element) => element.name)).toContain('::part(panel)')
  })

  test('web-types name the package, and the module of each element', () => {
    const types = webTypes(manifest, { name, version })
    expect(types).toMatchObject({ name: '@upload-panel/widget', version })
    expect(types.contributions.html.elements).toContainEqual(
      expect.objectContaining({ name: 'upload-panel', source: { module: './dist/upload-panel.js', symbol: 'UploadPanel' } }),
    )
  })
})

test('types of the frameworks take their types from the classes', () => {
  const types = elementTypes(manifest)
  expect(types).toContain("import type { UploadPanel } from '../upload-panel.js'")
  expect(types).toContain("'max-size'?: AttributeValue<UploadPanel['maxSize']> | undefined")
  expect(types).toContain("'upload-panel': { element: UploadPanel; props: UploadPanelProps; events: UploadPanelEvents }")
})
