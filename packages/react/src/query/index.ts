'use client'
export type { ConnectQueryClientOptions } from './connect-query-client.js'
export { connectQueryClient, OPERATIONS_KEY, operationKey } from './connect-query-client.js'
export { useQuerySync } from './use-query-sync.js'
