/** What PostgreSQL's own decoder says of a transaction, in version 1 of its protocol. */
export type WalEvent =
  | { readonly kind: 'begin'; readonly committedAt: Date }
  | { readonly kind: 'relation'; readonly relation: Relation }
  | {
      readonly kind: 'change'
      readonly type: 'INSERT' | 'UPDATE' | 'DELETE'
      readonly relation: number
      /** Of a DELETE: none. */
      readonly row: Tuple
      /** What the replica identity keeps of the old row, or undefined when its columns have not changed. */
      readonly oldRow: Tuple | undefined
    }

export interface Relation {
  readonly id: number
  readonly schema: string
  readonly name: string
  readonly columns: readonly RelationColumn[]
}

export interface RelationColumn {
  readonly name: string
  /** Whether it is a part of the replica identity. */
  readonly isKey: boolean
}

/** In the order of the relation's columns. A value that was not sent, for it lies outside of the row and has not changed, is undefined. */
export type Tuple = readonly (string | null | undefined)[]

/** Microseconds since 2000 are how PostgreSQL counts. */
const EPOCH = Date.UTC(2000, 0, 1)

/** Undefined for what is of no matter here. */
export function decodeWal(message: Buffer): WalEvent | undefined {
  let offset = 1
  const byte = () => message.readUInt8(offset++)
  const short = () => message.readUInt16BE((offset += 2) - 2)
  const int = () => message.readUInt32BE((offset += 4) - 4)
  const text = () => {
    const end = message.indexOf(0, offset)
    const value = message.toString('utf8', offset, end)
    offset = end + 1
    return value
  }
  const letter = () => String.fromCharCode(byte())
  const tuple = (): Tuple =>
    Array.from({ length: short() }, () => {
      const kind = letter()
      if (kind === 'n') return null
      if (kind === 'u') return undefined
      const length = int()
      return message.toString('utf8', offset, (offset += length))
    })

  switch (String.fromCharCode(message[0] ?? 0)) {
    case 'B':
      // First where the transaction ended, in 8 bytes.
      return { kind: 'begin', committedAt: new Date(EPOCH + Number(message.readBigInt64BE(9) / 1000n)) }
    case 'R': {
      const id = int()
      const schema = text()
      const name = text()
      byte()
      const columns = Array.from({ length: short() }, () => {
        const isKey = byte() === 1
        const column = { name: text(), isKey }
        // The type and its modifier, which the catalogue knows better.
        offset += 8
        return column
      })
      return { kind: 'relation', relation: { id, schema, name, columns } }
    }
    case 'I': {
      const relation = int()
      byte()
      return { kind: 'change', type: 'INSERT', relation, row: tuple(), oldRow: undefined }
    }
    case 'U': {
      const relation = int()
      const hasOld = letter() !== 'N'
      const oldRow = hasOld ? tuple() : undefined
      if (hasOld) byte()
      return { kind: 'change', type: 'UPDATE', relation, row: tuple(), oldRow }
    }
    case 'D': {
      const relation = int()
      byte()
      return { kind: 'change', type: 'DELETE', relation, row: [], oldRow: tuple() }
    }
    default:
      return undefined
  }
}
