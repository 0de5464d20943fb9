import { isId, isRecord } from '@upload-panel/core/protocol'
import type { Permission } from './permission.js'
import type { SocketIoSocket } from './server.js'
import type { SocketIoTopic } from './topic.js'

/** What a connection followed, and by which permission. */
export interface Remembered extends Permission {
  readonly topic: SocketIoTopic
}

/** What Socket.IO keeps of a connection that was lost, for the case that it is recovered: perhaps in a Redis, by another process. */
export interface Memory {
  write(followed: readonly Remembered[]): void
  /** What was written, once. */
  take(): readonly Remembered[]
}

/** @param name the same in all processes */
export function createMemory(socket: SocketIoSocket, name: string): Memory {
  return {
    write(followed) {
      const { data } = socket
      if (followed.length === 0 || !isRecord(data)) return
      // Not every adapter can keep what is infinite.
      data[name] = followed.map(({ expiresAtMs, ...rest }) => (expiresAtMs === Infinity ? rest : { ...rest, expiresAtMs }))
    },
    take() {
      const { data } = socket
      if (!isRecord(data)) return []
      const written = data[name]
      delete data[name]
      return Array.isArray(written) ? written.flatMap(read) : []
    },
  }
}

function read(written: unknown): readonly Remembered[] {
  if (!isRecord(written) || !isRecord(written['topic']) || !isId(written['subject'])) return []
  const { subject, expiresAtMs } = written
  const { kind, id } = written['topic']
  const permission = { subject, expiresAtMs: typeof expiresAtMs === 'number' ? expiresAtMs : Infinity }
  if (kind === 'all') return [{ topic: { kind }, ...permission }]
  return (kind === 'job' || kind === 'operation') && isId(id) ? [{ topic: { kind, id }, ...permission }] : []
}
