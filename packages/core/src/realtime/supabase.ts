import { oneConnection, type SupabaseClient } from './supabase-client.js'
import { ownConnections, type SupabaseAddress } from './supabase-own-client.js'
import { type SupabaseCommon, supabaseOver } from './supabase-transport.js'
import type { RealtimeFactory } from './transport.js'

export type { TableChangesOptions } from './supabase-changes.js'
export { tableChanges } from './supabase-changes.js'
export type { SupabaseChannel, SupabaseClient, SupabaseRealtime } from './supabase-client.js'
export type { SupabaseChanges } from './supabase-lines.js'
export type { SupabaseAddress } from './supabase-own-client.js'

/** A client of yours, which stays as you made it. */
export interface SupabaseOptionsWithClient extends SupabaseCommon {
  readonly client: SupabaseClient
}

/** Connections of our own, open while anything is followed. */
export interface SupabaseOptionsWithUrl extends SupabaseCommon, SupabaseAddress {}

export type SupabaseOptions = SupabaseOptionsWithClient | SupabaseOptionsWithUrl

/**
 * Supabase Realtime, by supabase-js 2: private broadcast, or changes of a table's rows.
 *
 * @example
 * supabase({ client })
 * supabase({ client, changes: tableChanges({ table: 'uploads', columns: { operation_id: 'id', status: 'state' } }) })
 * supabase({ url, key, accessToken: async () => token })
 */
export function supabase(options: SupabaseOptions): RealtimeFactory {
  return supabaseOver(options, (environment, onHeartbeat) =>
    'client' in options ? oneConnection(options.client, onHeartbeat) : ownConnections(options, environment, onHeartbeat),
  )
}
