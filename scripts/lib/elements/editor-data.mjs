import { elementsOf } from './analyze.mjs'

/** @typedef {import('./analyzer.mjs').Element} Element */
/** @typedef {import('./analyzer.mjs').Manifest} Manifest */

/**
 * What VS Code completes in HTML.
 * @param {Manifest} manifest
 * @see https://github.com/microsoft/vscode-custom-data
 */
export const vsCodeHtml = (manifest) => ({
  version: 1.1,
  tags: elementsOf(manifest).map(({ element }) => ({
    name: element.tagName,
    description: markdown(describe(element)),
    attributes: (element.attributes ?? []).map(({ name, type, description, ...attribute }) => ({
      name,
      description: markdown(described(description, attribute.default)),
      ...(isBoolean(type) ? { valueSet: 'v' } : {}),
      ...(choices(type).length > 0 && { values: choices(type).map((value) => ({ name: value })) }),
    })),
  })),
})

/** What VS Code completes in CSS. @param {Manifest} manifest */
export const vsCodeCss = (manifest) => ({
  version: 1.1,
  properties: unique(elementsOf(manifest).flatMap(({ element }) => element.cssProperties ?? [])).map(({ name, description }) => ({
    name,
    description: markdown(description),
  })),
  pseudoElements: unique(elementsOf(manifest).flatMap(({ element }) => element.cssParts ?? [])).map(({ name, description }) => ({
    name: `::part(${name})`,
    description: markdown(description),
  })),
  pseudoClasses: unique(elementsOf(manifest).flatMap(({ element }) => element.cssStates ?? [])).map(({ name, description }) => ({
    name: `:state(${name})`,
    description: markdown(description),
  })),
})

/**
 * What WebStorm and its family know.
 * @param {Manifest} manifest
 * @param {{ name: string, version: string }} library
 * @see https://github.com/JetBrains/web-types
 */
export const webTypes = (manifest, { name, version }) => ({
  $schema: 'https://raw.githubusercontent.com/JetBrains/web-types/master/schema/web-types.json',
  name,
  version,
  'description-markup': 'markdown',
  contributions: {
    html: {
      elements: elementsOf(manifest).map(({ path, element }) => ({
        name: element.tagName,
        description: element.description,
        source: { module: `./${path}`, symbol: element.name },
        attributes: (element.attributes ?? []).map(({ name: attribute, type, description, default: initial }) => ({
          name: attribute,
          description,
          ...(initial !== undefined && { default: initial }),
          value: isBoolean(type) ? { kind: 'no-value', type: 'boolean' } : { kind: 'plain', type: type?.text ?? 'string' },
        })),
        slots: (element.slots ?? []).map(nameAndDescription),
        js: {
          properties: fields(element).map(({ name: property, type, description }) => ({ name: property, description, type: type?.text })),
          events: (element.events ?? []).map(({ name: event, type, description }) => ({ name: event, description, type: type?.text })),
        },
        css: {
          parts: (element.cssParts ?? []).map(nameAndDescription),
          properties: (element.cssProperties ?? []).map(nameAndDescription),
        },
      })),
    },
  },
})

/** The properties that a page may set. @param {Element} element */
export const fields = (element) =>
  (element.members ?? []).flatMap((member) => (member.kind === 'field' && !('readonly' in member) ? [member] : []))

/** @param {Element} element */
function describe({ description = '', events = [], slots = [] }) {
  return [description, list('Events', events), list('Slots', slots)].filter(Boolean).join('\n\n')
}

/** @param {string} title @param {readonly { name: string, description?: string }[]} entries */
const list = (title, entries) =>
  entries.length === 0
    ? ''
    : [`**${title}**`, ...entries.map(({ name, description }) => `- \`${name || 'default'}\`: ${description ?? ''}`)].join('\n')

/** @param {string | undefined} description @param {string | undefined} initial */
const described = (description = '', initial) => (initial === undefined ? description : `${description} Default: \`${initial}\`.`)

/** @param {string | undefined} value */
const markdown = (value = '') => ({ kind: 'markdown', value })

/** @param {{ name: string, description?: string }} entry */
const nameAndDescription = ({ name, description }) => ({ name, description })

/** @param {{ text: string } | undefined} type */
const isBoolean = (type) => type?.text === 'boolean'

/** The words of a choice. @param {{ text: string } | undefined} type */
const choices = (type) => Array.from((type?.text ?? '').matchAll(/'([^']*)'/g), ([, value = '']) => value).filter(Boolean)

/** The first of each name: elements share tokens. @template {{ name: string }} T @param {readonly T[]} entries @returns {T[]} */
const unique = (entries) =>
  Array.from(new Map(entries.toReversed().map((entry) => [entry.name, entry])).values()).sort((a, b) => (a.name < b.name ? -1 : 1))
