import { describe, inject } from 'vitest'
import { hasService } from '../lib/debian-services.mjs'
import type { S3Service } from './ceph.ts'
import type { Services } from './start-services.ts'

declare module 'vitest' {
  interface ProvidedContext {
    readonly services: Services
  }
}

/** The servers that this test run has started. */
export const services = (): Services => inject('services')

const NO_S3: S3Service = {
  endpoint: '',
  region: '',
  accessKeyId: '',
  secretAccessKey: '',
  bucket: '',
  bucketHidingEtag: '',
  configFile: '',
}

/** Tests that need the S3 server; they are skipped where the machine has none, which CI does not allow. */
export function describeWithS3(title: string, suite: (s3: S3Service) => void): void {
  const { s3 } = services()
  // A suite that is skipped is still read, for its titles.
  describe.skipIf(s3 === undefined)(`${title}`, () => {
    suite(s3 ?? NO_S3)
  })
}

/** Tests that need a database; each file starts its own. They are skipped where the machine has no PostgreSQL, which CI does not allow. */
export function describeWithPostgresql(title: string, suite: () => void): void {
  describe.skipIf(!hasService('postgresql'))(`${title}`, () => {
    suite()
  })
}

/** Tests that need a STOMP broker; each file starts its own. They are skipped where the machine has no RabbitMQ, which CI does not allow. */
export function describeWithRabbitMq(title: string, suite: () => void): void {
  describe.skipIf(!hasService('rabbitmq'))(`${title}`, () => {
    suite()
  })
}

/** Tests that need Redis; each file starts its own. They are skipped where the machine has none, which CI does not allow. */
export function describeWithRedis(title: string, suite: () => void): void {
  describe.skipIf(!hasService('redis'))(`${title}`, () => {
    suite()
  })
}
