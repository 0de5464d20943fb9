import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { CACHE, fromRoot, ROOT } from '../paths.mjs'
import { comparePictures, toReference } from './compare.mjs'
import { shootStories } from './shoot.mjs'

/** Compares pictures of the built Storybook with the references, or with `--update` makes these anew. Writes a tally to TALLY_FILE. */
const REFERENCES = fromRoot('packages/widget/visual')
const OUTPUT = join(CACHE, 'visual')
const isUpdate = process.argv.includes('--update')
const known = new Set(readdirSync(REFERENCES).filter((file) => file.endsWith('.png')))
/** @type {string[]} */
const failures = []
let passed = 0

rmSync(OUTPUT, { recursive: true, force: true })
mkdirSync(OUTPUT, { recursive: true })

/** @param {string} file @param {Buffer} png */
function check(file, png) {
  const reference = known.has(file) ? readFileSync(join(REFERENCES, file)) : undefined
  const found = reference ? comparePictures(reference, png) : { problem: 'has no reference' }
  known.delete(file)
  if (found === undefined) passed += 1
  else if (isUpdate) writeFileSync(join(REFERENCES, file), toReference(png))
  else fail(file, found, png)
}

/** @param {string} file @param {{ problem: string, diff?: Buffer }} found @param {Buffer} png */
function fail(file, { problem, diff }, png) {
  const actual = join(OUTPUT, file.replace('.png', '.actual.png'))
  writeFileSync(actual, png)
  if (diff) writeFileSync(join(OUTPUT, file.replace('.png', '.diff.png')), diff)
  failures.push(`${file} ${problem}: see ${relative(ROOT, actual)}${diff ? ' and .diff.png beside it' : ''}`)
}

for await (const { name, png } of shootStories(join(CACHE, 'storybook'))) check(`${name}.png`, png)
for (const file of known) {
  if (isUpdate) rmSync(join(REFERENCES, file))
  else failures.push(`${file} is of no story any more`)
}

for (const failure of failures) console.log(failure)
if (failures.length > 0) console.log('Where this is as it should be: npm run visual:update, and look at what git says has changed.')
const { TALLY_FILE } = process.env
if (TALLY_FILE) writeFileSync(TALLY_FILE, JSON.stringify({ passed, failed: failures.length, skipped: 0, failures }))
process.exitCode = failures.length > 0 ? 1 : 0
