/** Ids in an order, looked up by place. An array is one. */
export interface IdList {
  readonly length: number
  at(index: number): string | undefined
  /** -1 where it is not here. */
  indexOf(id: string): number
  slice(start: number, end: number): readonly string[]
  [Symbol.iterator](): Iterator<string>
}
