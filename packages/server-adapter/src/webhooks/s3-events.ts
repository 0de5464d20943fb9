import { isRecord } from '@upload-panel/core/protocol'

/** That an object came or went. The order of such events is not theirs to tell: storage is asked. */
export interface S3ObjectEvent {
  /** As S3 has it, without `s3:`: `ObjectCreated:Put`, `ObjectCreated:CompleteMultipartUpload`, `ObjectRemoved:Delete`, … */
  readonly name: string
  readonly bucket: string
  /** Decoded. */
  readonly key: string
}

/** What becomes of objects: all else, such as restored and tagged ones, changes nothing about their bytes. */
const NAME = /^(?:s3:)?(Object(?:Created|Removed):\w+|LifecycleExpiration:\w+)$/

/** Reads a notification of S3, of a server that speaks like it, or of EventBridge. What is of another kind, such as `s3:TestEvent`, has no events. */
export function readS3Events(message: Record<string, unknown>): readonly S3ObjectEvent[] {
  const { Records: records } = message
  if (Array.isArray(records)) return records.filter(isRecord).flatMap(readRecord)
  return message['source'] === 'aws.s3' ? readEventBridge(message) : []
}

function readRecord({ eventName, eventSource, s3 }: Record<string, unknown>): readonly S3ObjectEvent[] {
  const [, name] = (typeof eventName === 'string' && NAME.exec(eventName)) || []
  if (name === undefined || !isRecord(s3) || !isRecord(s3['bucket']) || !isRecord(s3['object'])) return []
  const bucket = s3['bucket']['name']
  const given = s3['object']['key']
  // Ceph does not encode it.
  const key = eventSource === 'ceph:s3' && typeof given === 'string' ? given : decodeKey(given)
  return typeof bucket === 'string' && key !== undefined ? [{ name, bucket, key }] : []
}

function readEventBridge({ 'detail-type': type, detail }: Record<string, unknown>): readonly S3ObjectEvent[] {
  const name = type === 'Object Created' ? 'ObjectCreated' : type === 'Object Deleted' ? 'ObjectRemoved' : undefined
  if (name === undefined || !isRecord(detail) || !isRecord(detail['bucket']) || !isRecord(detail['object'])) return []
  const bucket = detail['bucket']['name']
  // Here it is as it is.
  const key = detail['object']['key']
  const reason = typeof detail['reason'] === 'string' ? detail['reason'] : ''
  return typeof bucket === 'string' && typeof key === 'string' ? [{ name: `${name}:${reason}`, bucket, key }] : []
}

/** "The object key in the event is URL encoded", a space as `+`. */
function decodeKey(key: unknown): string | undefined {
  if (typeof key !== 'string') return undefined
  try {
    return decodeURIComponent(key.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}
