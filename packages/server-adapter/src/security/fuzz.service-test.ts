import { afterAll, beforeAll } from 'vitest'
import { describeWithPostgresql } from '../../../../scripts/services/provided.js'
import { postgres } from '../records/postgres.js'
import { fuzzContract } from '../testing/fuzz-contract.js'
import { type PostgresDatabase, startPostgresDatabase } from '../testing/postgres-database.js'

describeWithPostgresql('PostgreSQL', () => {
  let database: PostgresDatabase
  beforeAll(async () => {
    database = await startPostgresDatabase()
  })
  afterAll(() => database.stop())

  // A database with types of its own refuses what SQLite and memory take: NUL in texts, numbers out of range.
  fuzzContract('over PostgreSQL', { records: async () => postgres({ pool: database.pool, schema: database.newSchema() }), runs: 2000 })
})
