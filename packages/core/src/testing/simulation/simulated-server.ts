import type { Clock } from '../../clock.js'
import type { SyncStatusUpdate } from '../../protocol/index.js'
import type { ServerWord, Setting, WorkEnd } from './scenario.js'

/** A request as it reaches a server. */
export interface SimulatedRequest {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** All that came of the body. */
  readonly body: Uint8Array<ArrayBuffer>
  /** The connection broke before all of the body had come. Nobody will read the answer. */
  readonly isBroken: boolean
}

export interface SimulatedResponse {
  readonly status: number
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>
  readonly text: string
}

/** What an address puts into storage. */
export interface Place {
  readonly operationId: string
  /** From 1; `0` for a file that is sent whole. */
  readonly part: number
}

/** What a server is given. */
export interface SimulatedServerContext {
  /** The server's own clock, which may be wrong. */
  readonly clock: Clock
  readonly setting: Setting
  /** 0 ≤ x < 1. */
  readonly random: () => number
}

/** A server under the simulation: it speaks the protocol over a network that the simulation makes up. */
export interface SimulatedServer {
  /** Where its API is mounted, absolute, with a slash at the end. */
  readonly url: string
  /** Acts on a request. Time stands still meanwhile. */
  handle(request: SimulatedRequest): Promise<SimulatedResponse>
  /** Where bytes sent to a URL would lie; `undefined` where it is a call of the API. */
  placeOf(url: string): Place | undefined
  /** Hears of every word in the order of their commits. */
  onWord(listener: (update: SyncStatusUpdate) => void): void
  /** The current word on each upload, oldest first. */
  words(): Promise<readonly SyncStatusUpdate[]>
  /** The bytes of an upload whose bytes were verified. */
  object(operationId: string): Promise<Uint8Array | undefined>
  /** Somebody on the server says this of an upload; ignored where it makes no sense. */
  say(operationId: string, word: ServerWord): Promise<void>
  /** How the next work on a file ends; without it, it is completed after `workMs`. */
  nextWork(end: WorkEnd): void
  /** Work that would never end is ended. */
  finishWork(): void
  /** Resolves when nothing is under way that needs no time of the simulation's clock, such as reading a real file. @default nothing ever is */
  settled?(): Promise<void>
  close(): Promise<void>
}

/** Makes a fresh server for one run. */
export type SimulatedServerFactory = (context: SimulatedServerContext) => Promise<SimulatedServer>
