import { FUNCTIONS } from './sql/functions.js'
import { TABLES } from './sql/tables.js'
import { TRIGGERS } from './sql/triggers.js'

/**
 * The schema, as steps from one version to the next; `sync_meta.schema_version` says how many of them a database has taken.
 * A step that was released is never changed: what comes later is a step of its own, and takes nothing away that nodes of the release before still use.
 *
 * They are run with a `search_path` that names the schema first, in one transaction.
 */
export const MIGRATIONS: readonly string[] = [[TABLES, TRIGGERS, FUNCTIONS].join('\n')]
