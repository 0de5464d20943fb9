import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Pool } from 'pg'
import { afterAll, beforeAll } from 'vitest'
import { type Postgres, startPostgres } from '../../../../scripts/services/postgres.js'
import { describeWithPostgresql } from '../../../../scripts/services/provided.js'
import { systemClock } from '../clock.js'
import { consoleLogger } from '../logger.js'
import { operationRecordsContract } from '../testing/operation-records-contract.js'
import { postgres } from './postgres.js'

describeWithPostgresql('PostgreSQL', () => {
  let directory: string
  let server: Postgres
  let pool: Pool
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'upload-panel-postgres-'))
    server = await startPostgres({ directory })
    pool = new Pool({ connectionString: server.url })
  })
  afterAll(async () => {
    await pool.end()
    await server.stop()
    await rm(directory, { recursive: true, force: true })
  })

  let schemas = 0
  function newSchema(): string {
    schemas += 1
    return `test_${schemas}`
  }

  async function openAt(schema: string) {
    const records = postgres({ pool, schema })
    await records.open({ clock: systemClock, logger: consoleLogger })
    return records
  }

  operationRecordsContract('PostgreSQL', async () => {
    const schema = newSchema()
    return {
      records: await openAt(schema),
      openAgain: () => openAt(schema),
      passTime: async (ms) => void (await pool.query(`UPDATE ${schema}.sync_leases SET until = until - $1 * interval '1 ms'`, [ms])),
    }
  })
})
