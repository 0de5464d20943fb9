import { readFileSync } from 'node:fs'
import { fromRoot, ROOT } from './lib/paths.mjs'
import { addedBytes } from './lib/size/added.mjs'
import { runScript } from './lib/stop.mjs'

/** @typedef {{ name: string, import: Record<string, string>, ignore?: string[], limit: string }} Row */

await runScript(async () => {
  /** @type {{ had: Record<string, string>, ignore: string[], rows: Row[] }} */
  const { had, ignore, rows } = JSON.parse(readFileSync(fromRoot('.size-added.json'), 'utf8'))
  let hasProblem = false
  for (const row of rows) {
    const bytes = await addedBytes({ folder: ROOT, had, added: row.import, ignored: [...ignore, ...(row.ignore ?? [])] })
    const isOver = bytes > Number.parseFloat(row.limit) * 1000
    hasProblem ||= isOver
    console.log(`${row.name} adds ${bytes} B to the engine: ${isOver ? 'more than' : 'within'} ${row.limit}`)
  }
  return hasProblem ? 1 : 0
})
