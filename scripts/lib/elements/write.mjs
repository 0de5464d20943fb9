import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { fromRoot } from '../paths.mjs'
import { analyzeElements } from './analyze.mjs'
import { vsCodeCss, vsCodeHtml, webTypes } from './editor-data.mjs'
import { elementTypes } from './framework-types.mjs'

/** The last step of a build: what editors and frameworks know about the elements, into the widget's dist. */
const FRAMEWORKS = ['preact', 'react', 'solid', 'svelte', 'vue']
const dist = fromRoot('packages/widget/dist')
const manifest = analyzeElements()

/** @param {string} name @param {object} content */
const writeJson = (name, content) => writeFileSync(`${dist}/${name}`, `${JSON.stringify(content, null, 2)}\n`)

writeJson('custom-elements.json', manifest)
writeJson('vscode.html-custom-data.json', vsCodeHtml(manifest))
writeJson('vscode.css-custom-data.json', vsCodeCss(manifest))
writeJson('web-types.json', webTypes(manifest, JSON.parse(readFileSync(fromRoot('packages/widget/package.json'), 'utf8'))))

mkdirSync(`${dist}/types`, { recursive: true })
writeFileSync(`${dist}/types/elements.d.ts`, elementTypes(manifest))
for (const name of FRAMEWORKS) {
  copyFileSync(fileURLToPath(new URL(`frameworks/${name}.d.ts`, import.meta.url)), `${dist}/types/${name}.d.ts`)
  // So that `import '@upload-panel/widget/types/…'` finds something when it runs.
  writeFileSync(`${dist}/types/${name}.js`, 'export {}\n')
}
