import * as analyzer from '@custom-elements-manifest/analyzer'
// @ts-expect-error It has no types.
import { litPlugin } from '@custom-elements-manifest/analyzer/src/features/framework-plugins/lit/lit.js'

/** @typedef {import('@custom-elements-manifest/analyzer').InitializeParams} Types */
/** @typedef {Types['customElementsManifest']} Manifest */
/** @typedef {Types['ts']} TypeScript the analyzer's own: the workspace's has no interface for programs */
/** @typedef {ReturnType<TypeScript['createSourceFile']>} SourceFile */
/** @typedef {Parameters<TypeScript['isStringLiteral']>[0]} Node */
/** @typedef {NonNullable<Manifest['modules'][number]['declarations']>[number]} Declaration */
/**
 * A public element, with all that it inherits.
 * @typedef {Extract<Declaration, { customElement: true }> & { readonly tagName: string, cssStates?: { name: string, description?: string }[] }} Element
 */

// What its types do not tell of.
const { create, ts } = /** @type {{ create: (options: object) => Manifest, ts: TypeScript }} */ (/** @type {unknown} */ (analyzer))

export { ts }

/** @param {readonly SourceFile[]} modules @returns {Manifest} of everything in them */
export const analyze = (modules) => create({ modules, plugins: litPlugin() })
