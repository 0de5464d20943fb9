import { elementsOf } from './analyze.mjs'
import { fields } from './editor-data.mjs'

/** @typedef {import('./analyzer.mjs').Element} Element */

/**
 * `elements.d.ts`: what each element's attributes, properties and events are, for the types of the frameworks beside it. Their types are those of the classes.
 * @param {import('./analyzer.mjs').Manifest} manifest
 */
export function elementTypes(manifest) {
  const elements = elementsOf(manifest)
  return [
    '// Made from the sources of the elements when this package was built.',
    ...elements.map(({ path, element: { name } }) => `import type { ${name} } from '../${path.replace('dist/', '')}'`),
    HEAD,
    ...elements.map(({ element }) => typesOf(element)),
    '/** The elements by their names. */',
    'export interface WidgetElements {',
    ...elements.map(
      ({ element: { name, tagName } }) =>
        `  ${tagName.includes('-') ? `'${tagName}'` : tagName}: { element: ${name}; props: ${name}Props; events: ${name}Events }`,
    ),
    '}',
    '',
  ].join('\n')
}

const HEAD = `
/** What an attribute takes. One that is true or false is there or is not, which frameworks do differently: where it changes, set the property. */
type AttributeValue<T> = T extends true ? true | '' : T extends false ? never : T extends number ? T | \`\${T}\` : T
type Settable<T> = { [K in keyof T]?: T[K] | undefined }
`

/** @param {Element} element */
const typesOf = (element) => `/** Attributes of \`<${element.tagName}>\`, as they are written in HTML. */
export interface ${element.name}Attributes {
${attributes(element)}
}
/** Properties of \`<${element.tagName}>\` that a page may set. */
export type ${element.name}Properties = Settable<Pick<${element.name}, ${union(fields(element).map(({ name }) => name))}>>
/** Events of \`<${element.tagName}>\` by their names. */
export type ${element.name}Events = Pick<HTMLElementEventMap, ${union((element.events ?? []).map(({ name }) => name))}>
export type ${element.name}Props = ${element.name}Properties & Omit<${element.name}Attributes, keyof ${element.name}Properties>
`

/** @param {Element} element */
const attributes = ({ name: className, attributes: all = [] }) =>
  all
    .map(
      ({ name, fieldName, description = '' }) =>
        `  /** ${description.replaceAll('\n', ' ').replaceAll('*/', '*\\/')} */\n  '${name}'?: AttributeValue<${className}['${fieldName ?? name}']> | undefined`,
    )
    .join('\n')

/** @param {readonly string[]} names */
const union = (names) => names.map((name) => `'${name}'`).join(' | ') || 'never'
