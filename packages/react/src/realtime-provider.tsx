'use client'
import type { RowsClient } from '@upload-panel/core/supabase-rows'
import { createContext, type ReactNode } from 'react'

/** The client that `useRealtimeWithResilience` asks where it is given none. */
export const RealtimeContext = createContext<RowsClient | undefined>(undefined)

export interface RealtimeProviderProps {
  /** A client of supabase-js 2, made outside of components. It stays the app's own. */
  readonly client: RowsClient
  readonly children?: ReactNode
}

/**
 * Gives a Supabase client to the hooks below it.
 *
 * @example
 * <RealtimeProvider client={client}>
 *   <Jobs />
 * </RealtimeProvider>
 */
export function RealtimeProvider({ client, children }: RealtimeProviderProps): ReactNode {
  return <RealtimeContext.Provider value={client}>{children}</RealtimeContext.Provider>
}
