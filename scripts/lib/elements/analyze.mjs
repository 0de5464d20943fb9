import { readdirSync, readFileSync } from 'node:fs'
import { fromRoot } from '../paths.mjs'
import { analyze, ts } from './analyzer.mjs'

/** @typedef {import('./analyzer.mjs').Manifest} Manifest */
/** @typedef {import('./analyzer.mjs').Element} Element */

const WIDGET = fromRoot('packages/widget')

/** The sources of the widget that are published, by their paths in the package. */
function sources() {
  const files = readdirSync(`${WIDGET}/src`, { recursive: true, encoding: 'utf8' }).map((path) => `src/${path.replaceAll('\\', '/')}`)
  return files
    .filter((path) => path.endsWith('.ts') && !/test\.ts$|^src\/(?:testing|stories)\//.test(path))
    .sort()
    .map((path) => ts.createSourceFile(path, readFileSync(`${WIDGET}/${path}`, 'utf8'), ts.ScriptTarget.ES2022, true))
}

/**
 * What the widget's public elements are, as a custom elements manifest: those with an `@element` tag, by what their comments and decorators say.
 * Base classes are folded into them; internal elements and private members do not appear.
 * @returns {Manifest}
 */
export function analyzeElements() {
  const modules = sources()
  const { values, events } = collectTypes(modules)
  const manifest = analyze(modules)
  return {
    schemaVersion: '2.1.0',
    readme: 'README.md',
    modules: manifest.modules.flatMap(({ path, declarations = [] }) => {
      const elements = declarations.flatMap((declaration) => (isElement(declaration) ? [publish(declaration, values, events)] : []))
      return elements.length === 0 ? [] : [publishModule(path.replace(/^src\/(.+)\.ts$/, 'dist/$1.js'), elements)]
    }),
  }
}

/** The elements of a manifest. @param {Manifest} manifest @returns {{ readonly path: string, readonly element: Element }[]} */
export const elementsOf = (manifest) =>
  manifest.modules.flatMap(({ path, declarations = [] }) =>
    declarations.flatMap((declaration) => (isElement(declaration) ? [{ path, element: declaration }] : [])),
  )

/** @param {object} declaration @returns {declaration is Element} */
const isElement = (declaration) => 'tagName' in declaration && declaration.tagName !== undefined

/** @param {string} path @param {readonly Element[]} elements @returns {Manifest['modules'][number]} */
const publishModule = (path, elements) => ({
  kind: 'javascript-module',
  path,
  declarations: [...elements],
  exports: elements.flatMap(({ name, tagName }) => {
    const declaration = { name, module: path }
    return [
      /** @type {const} */ ({ kind: 'js', name, declaration }),
      /** @type {const} */ ({ kind: 'custom-element-definition', name: tagName, declaration }),
    ]
  }),
})

/**
 * @param {Element} element
 * @param {ReadonlyMap<string, string>} values
 * @param {ReadonlyMap<string, string>} events
 * @returns {Element}
 */
function publish(element, values, events) {
  const { members = [], attributes = [], events: fired = [], ...rest } = element
  return {
    ...rest,
    superclass: { name: 'LitElement', package: 'lit' },
    members: own(members)
      .filter((member) => member.privacy === undefined || member.privacy === 'public')
      .filter(({ name }) => !name.startsWith('#'))
      .filter((member) => !('static' in member && member.static))
      .map((member) => ('type' in member ? { ...member, type: spelledOut(member.type, values) } : member)),
    attributes: own(attributes).map((attribute) => ({ ...attribute, type: spelledOut(attribute.type, values) })),
    // The analyzer finds whatever is dispatched, also what is between the elements alone.
    events: own(fired)
      .filter(({ description }) => description !== undefined)
      .map((event) => ({ ...event, type: { text: events.get(event.name) ?? 'Event' } })),
  }
}

/** Without where it comes from: base classes are no part of what is published. @template {object} T @param {readonly T[]} inherited @returns {T[]} */
const own = (inherited) =>
  inherited.map((entry) => {
    const { inheritedFrom: _, ...rest } = /** @type {T & { inheritedFrom?: unknown }} */ (entry)
    return /** @type {T} */ (rest)
  })

/**
 * Editors offer the values of a choice only where these stand there, and not the name of their type.
 * @param {{ text: string } | undefined} type
 * @param {ReadonlyMap<string, string>} values
 */
const spelledOut = (type, values) => ({ text: (type?.text ?? 'string').replace(/\b[A-Z]\w*\b/g, (name) => values.get(name) ?? name) })

/**
 * Types that are choices of words, spelled out, and those of the events by their names: the members of every interface `…EventMap`.
 * @param {readonly import('./analyzer.mjs').SourceFile[]} modules
 */
function collectTypes(modules) {
  const statements = modules.flatMap((module) => Array.from(module.statements))
  /** @type {Map<string, import('./analyzer.mjs').Node>} */
  const aliases = new Map(statements.filter(ts.isTypeAliasDeclaration).map(({ name, type }) => [name.text, type]))
  // Of `const TABS = ['all', …] as const` for `type Tab = (typeof TABS)[number]`.
  for (const { name, initializer } of statements
    .filter(ts.isVariableStatement)
    .flatMap(({ declarationList }) => Array.from(declarationList.declarations))) {
    if (initializer && ts.isAsExpression(initializer) && ts.isArrayLiteralExpression(initializer.expression))
      aliases.set(name.getText(), initializer.expression)
  }
  const maps = statements.filter(ts.isInterfaceDeclaration).filter(({ name }) => name.text.endsWith('EventMap'))
  return {
    values: new Map(Array.from(aliases, ([name, type]) => [name, wordsOf(type, aliases)?.join(' | ') ?? name])),
    events: new Map(
      maps
        .flatMap(({ members }) => Array.from(members))
        .filter(ts.isPropertySignature)
        .flatMap(({ name, type }) => (ts.isStringLiteral(name) && type ? [[name.text, type.getText()]] : [])),
    ),
  }
}

/**
 * `'a' | 'b'`, through the names of other choices; `undefined` for any other type.
 * @param {import('./analyzer.mjs').Node} type
 * @param {ReadonlyMap<string, import('./analyzer.mjs').Node>} aliases
 * @returns {readonly string[] | undefined}
 */
function wordsOf(type, aliases) {
  if (ts.isLiteralTypeNode(type) && ts.isStringLiteral(type.literal)) return [type.getText()]
  if (ts.isUnionTypeNode(type)) {
    const parts = type.types.map((each) => wordsOf(each, aliases))
    return parts.every((part) => part !== undefined) ? parts.flat() : undefined
  }
  if (ts.isArrayLiteralExpression(type)) {
    return type.elements.every((element) => ts.isStringLiteral(element)) ? type.elements.map((element) => element.getText()) : undefined
  }
  const list = /^\(typeof (\w+)\)\[number\]$/.exec(type.getText())?.[1]
  const target = aliases.get(list ?? (ts.isTypeReferenceNode(type) ? type.typeName.getText() : ''))
  return target ? wordsOf(target, aliases) : undefined
}
