import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runChild } from './lib/child.mjs'
import { blocksOf, importsBefore, withoutEllipses } from './lib/docs/blocks.mjs'
import { brokenLinks } from './lib/docs/links.mjs'
import { readPages } from './lib/docs/pages.mjs'
import { typeErrors } from './lib/docs/type-errors.mjs'
import { CACHE, ROOT } from './lib/paths.mjs'
import { runScript } from './lib/stop.mjs'
import { toolPath } from './lib/tools.mjs'

const CHECKED = new Set(['ts', 'tsx', 'js', 'jsx'])
const FOLDER = join(CACHE, 'docs')
/** Of the house's own packages, by their sources, but for what only the build makes. */
const TSCONFIG = {
  extends: '../../tsconfig.base.json',
  compilerOptions: {
    composite: false,
    declaration: false,
    noEmit: true,
    rootDir: '../..',
    allowJs: true,
    checkJs: true,
    module: 'ESNext',
    moduleResolution: 'bundler',
    lib: ['ES2023', 'DOM', 'DOM.Iterable'],
    types: ['node'],
    allowUnusedLabels: true,
  },
  include: ['.', '../../scripts/lib/docs/names.d.ts'],
}

await runScript(async () => {
  const pages = readPages(ROOT)
  rmSync(FOLDER, { recursive: true, force: true })
  let count = 0
  for (const [path, page] of pages) {
    // Its code lies in the house itself.
    const blocks = path === 'CONTRIBUTING.md' ? [] : blocksOf(page).filter(({ language }) => CHECKED.has(language))
    count += blocks.length
    mkdirSync(join(FOLDER, path), { recursive: true })
    for (const [index, { language, line, code }] of blocks.entries()) {
      const before = importsBefore(
        code,
        blocks.slice(0, index).map((block) => block.code),
      )
      // On the page's own lines, so that an error is found where it is said to be.
      writeFileSync(join(FOLDER, path, `${line}.${language}`), `${before}${'\n'.repeat(line - 1)}${withoutEllipses(code)}\nexport {}\n`)
    }
  }
  writeFileSync(join(FOLDER, 'tsconfig.json'), JSON.stringify(TSCONFIG))
  const { output } = await runChild(process.execPath, [toolPath('typescript', 'tsc'), '-p', FOLDER, '--pretty', 'false'], { cwd: FOLDER })
  const problems = [...typeErrors(output), ...brokenLinks(pages)]
  for (const problem of problems) console.error(problem)
  if (problems.length > 0) return 1
  console.log(`${count} blocks of code in ${pages.size} pages hold, and so do all links.`)
})
