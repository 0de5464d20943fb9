import type { Broadcast, Message } from './frames.ts'

/** The socket that a channel is on. */
export interface Connection {
  /** From the connection's address; a join without a token of its own uses it. */
  readonly apiKey: string
  /** @param payload as JSON */
  send(message: Omit<Message, 'payload'>, payload: string): void
  sendBroadcast(topic: string, broadcast: Broadcast): void
  close(code: number): void
}

/** A topic as one client has joined it. */
export interface Channel {
  /** Without `realtime:`. */
  readonly name: string
  readonly isPrivate: boolean
  readonly joinRef: string | null
  /** Takes its turn: a channel works beside its socket, and what is still waiting when it closes is forgotten. */
  handle(message: Message): void
  receive(broadcast: Broadcast): void
  send(event: string, payload: unknown): void
  /** As it is told to everyone, whichever join of theirs it reaches. */
  tell(event: string, payload: unknown): void
  system(extension: string, message: string, status?: string): void
  /** Changes of the database come after the delay; the client is told when they do, or why they will not. */
  follow(delay: number): void
  /** The operator ends the connection, and the server says so as if all were well. */
  disconnect(): void
  /** As if its token ended now. */
  expire(): void
  /** @param tell whether there is anybody to tell */
  close(tell: boolean): void
}
