import type { SyncStatusUpdate } from '@upload-panel/core/protocol'
import { createStatusMonitor, type StatusBackend } from '@upload-panel/core/status'
import { createMemoryTransport, createTestEnvironment, settle } from '@upload-panel/core/testing'

/** A server's word on an operation. */
export function word(id: string, more: Partial<SyncStatusUpdate> = {}): SyncStatusUpdate {
  return { operation_id: id, operation_type: 'full_sync', status: 'in_progress', progress: 0, timestamp: '2026-01-01T00:00:00Z', ...more }
}

/** A real monitor of a server in the hands of the test. */
export function createTestStatus() {
  const environment = createTestEnvironment()
  const transport = createMemoryTransport()
  const known = new Map<string, SyncStatusUpdate>()
  const cancelled: string[] = []
  let versions = 0
  const backend: StatusBackend = {
    async snapshot(request) {
      const asked = 'ids' in request ? request.ids.flatMap((id) => known.get(id) ?? []) : [...known.values()]
      return { operations: asked, cursor: String(versions), more: false }
    },
    async cancel(id) {
      cancelled.push(id)
      return known.get(id)
    },
  }
  const monitor = createStatusMonitor({ realtime: transport.factory, backend: () => backend, environment })
  return {
    environment,
    transport,
    monitor,
    backend,
    cancelled,
    /** The server knows it, and tells it where somebody listens; the page is painted. */
    async say(id: string, more: Partial<SyncStatusUpdate> = {}) {
      versions += 1
      const update = word(id, { ...known.get(id), version: versions, ...more })
      known.set(id, update)
      transport.deliver(update)
      await settle()
      environment.paint()
    },
    async connect() {
      transport.connect()
      await settle()
      environment.paint()
    },
  }
}
