import { atom } from 'nanostores'
import type { ConnectionStatus, RealtimeFactory } from './transport.js'

/**
 * No realtime at all: the engine polls the snapshot while anything is unconfirmed. For servers and networks without a push channel;
 * what any transport falls back to while it is not healthy.
 */
export function polling(): RealtimeFactory {
  return () => ({
    $connection: atom<ConnectionStatus>({
      status: 'disconnected',
      lastPing: '',
      latency: null,
      reconnectAttempts: 0,
      transport: 'polling',
      polling: true,
    }),
    authoritative: false,
    subscribe: () => () => {},
    wake() {},
    dispose() {},
  })
}
