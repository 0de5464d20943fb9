import { useSyncStatus } from '@upload-panel/react'

/** What the whole server is doing for this person, whoever began it. */
export function ServerStatus() {
  const { isConnected, connection, activeOperationsCount, systemHealth } = useSyncStatus()
  return (
    <p className="status" role="status">
      <span className={isConnected ? 'dot on' : 'dot'} aria-hidden="true" />
      {isConnected ? 'Live' : connection.status === 'error' ? 'Not connected' : 'Connecting…'}
      {activeOperationsCount > 0 && ` · ${activeOperationsCount} in work`}
      {systemHealth.status !== 'healthy' && ` · ${systemHealth.status}`}
    </p>
  )
}
