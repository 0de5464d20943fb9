/** Where a server keeps its files and puts its words. */
export interface ServiceOptions {
  /** A folder of its own, which exists. */
  readonly directory: string
  readonly log?: (line: string) => void
}

/** Whatever runs until it is told to stop. */
export interface Stoppable {
  stop(): Promise<void>
}
