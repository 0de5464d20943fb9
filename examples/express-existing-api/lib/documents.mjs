import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/**
 * @typedef {object} Document
 * @property {number} id
 * @property {string} owner
 * @property {string} title
 * @property {string} text
 * @property {'waiting' | 'done' | 'failed'} status
 * @property {string | null} report JSON
 */

/**
 * The API's own table of documents.
 *
 * @param {string} directory
 */
export function openDocuments(directory) {
  mkdirSync(directory, { recursive: true })
  const database = new DatabaseSync(join(directory, 'documents.db'))
  database.exec(`CREATE TABLE IF NOT EXISTS documents (
    id INTEGER PRIMARY KEY, owner TEXT NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL, status TEXT NOT NULL DEFAULT 'waiting', report TEXT
  ) STRICT`)
  const insert = database.prepare('INSERT INTO documents (owner, title, text) VALUES (?, ?, ?)')
  const select = database.prepare('SELECT * FROM documents WHERE id = ?')
  const waiting = database.prepare("SELECT id FROM documents WHERE status = 'waiting' ORDER BY id")
  const ofOwner = database.prepare('SELECT id, title, status, report FROM documents WHERE owner = ? ORDER BY id DESC LIMIT 100')
  const end = database.prepare('UPDATE documents SET status = ?, report = ? WHERE id = ?')

  return {
    /** @param {string} owner @param {string} title @param {string} text */
    add: (owner, title, text) => Number(insert.run(owner, title, text).lastInsertRowid),
    /** @param {number} id */
    get: (id) => /** @type {Document | undefined} */ (select.get(id)),
    /** @param {string} owner */
    list: (owner) => ofOwner.all(owner),
    waiting: () => waiting.all().map(({ id }) => Number(id)),
    /** @param {number} id @param {'done' | 'failed'} status @param {object} [report] */
    end(id, status, report) {
      end.run(status, report === undefined ? null : JSON.stringify(report), id)
    },
    close: () => database.close(),
  }
}
