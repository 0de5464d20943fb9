import { randomUUID } from 'node:crypto'
import { describeWithS3 } from '../../../../../scripts/services/provided.js'
import { systemClock } from '../../clock.js'
import { consoleLogger } from '../../logger.js'
import { objectStorageContract, type StorageScene } from '../../testing/object-storage-contract.js'
import { s3 } from './s3.js'

const PART_BYTES = 5 * 2 ** 20

describeWithS3('the contract on S3', (access) => {
  const scene = (conditionalWrites: boolean) => async (): Promise<StorageScene> => {
    const prefix = `contract/${randomUUID()}`
    const { endpoint, region, bucket, accessKeyId, secretAccessKey } = access
    return {
      partBytes: PART_BYTES,
      async open() {
        const credentials = { accessKeyId, secretAccessKey }
        const storage = s3({ bucket, prefix, endpoint, region, credentials, forcePathStyle: true, conditionalWrites })
        await storage.open({ clock: systemClock, logger: consoleLogger, urlExpiresMs: 3_600_000 })
        return storage
      },
      put: async ({ url, headers = {} }, body) => (await fetch(url, { method: 'PUT', body, headers })).status,
      async close() {},
    }
  }
  objectStorageContract('in a bucket', scene(true))
})
