// What the docs' blocks of code name without saying what it is, since a page has said it before: with its type, so that they are checked against it. Of any
// other name that a block leaves to its reader, such as `userOf`, nothing is known.

import type { UploadBackendFactory, Uploader, RealtimeFactory } from '@upload-panel/core'
import type { StatusMonitor } from '@upload-panel/core/status'
import type { ObjectStorage, RecordStore, SyncServer, SyncServerOptions } from '@upload-panel/server-adapter'
import type { UploadPanel } from '@upload-panel/widget'
import type { Express } from 'express'
import type { FastifyInstance } from 'fastify'
import type { Server } from 'socket.io'

declare global {
  namespace Express {
    interface Request {
      user: { id: string }
    }
  }
  const app: Express & Pick<FastifyInstance, 'register'>
  const authorize: NonNullable<SyncServerOptions['authorize']>
  const backend: UploadBackendFactory
  const io: Server
  const panel: UploadPanel
  const realtime: RealtimeFactory
  const records: RecordStore
  const status: StatusMonitor
  const storage: ObjectStorage
  const sync: SyncServer
  const uploader: Uploader
}
