import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { Busboy } from '@fastify/busboy'

/** One file of a form as it came over the wire. */
export interface ReceivedFile {
  readonly field: string
  readonly name: string
  readonly type: string
  readonly size: number
  readonly sha256: string
}

/** A form as it came over the wire; fields and files keep their order. */
export interface ReceivedForm {
  readonly fields: readonly (readonly [name: string, value: string])[]
  readonly files: readonly ReceivedFile[]
}

/**
 * Reads a whole multipart/form-data request.
 * @param onBytes gets the files' bytes, which are not kept otherwise
 * @throws when it is no form, or ends too early
 */
export function readForm(request: IncomingMessage, onBytes: (chunk: Buffer) => void = () => {}): Promise<ReceivedForm> {
  return new Promise((resolve, reject) => {
    const fields: [string, string][] = []
    const files: ReceivedFile[] = []
    const { 'content-type': type = '' } = request.headers
    const parser = new Busboy({ headers: { ...request.headers, 'content-type': type } })
    parser.on('field', (name, value) => fields.push([name, value]))
    parser.on('file', (field, stream, name, _encoding, fileType) => {
      const hash = createHash('sha256')
      let size = 0
      stream.on('data', (chunk: Buffer) => {
        hash.update(chunk)
        size += chunk.length
        onBytes(chunk)
      })
      stream.on('end', () => files.push({ field, name, type: fileType, size, sha256: hash.digest('hex') }))
    })
    parser.once('finish', () => resolve({ fields, files }))
    parser.once('error', reject)
    request.once('error', reject)
    request.pipe(parser)
  })
}
