import { atom } from 'nanostores'
import { NOT_CONNECTED, type ConnectionStatus, type RealtimeFactory } from './transport.js'

/**
 * No realtime at all: the engine polls the snapshot while anything is unconfirmed. For servers and networks without a push channel;
 * what any transport falls back to while it is not healthy.
 */
export function polling(): RealtimeFactory {
  return () => ({
    $connection: atom<ConnectionStatus>({ ...NOT_CONNECTED, transport: 'polling', polling: true }),
    authoritative: false,
    subscribe: () => () => {},
    wake() {},
    dispose() {},
  })
}
