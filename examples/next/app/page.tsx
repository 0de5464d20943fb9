import { CompactSyncIndicator } from '@upload-panel/react'
import { uploads } from '../lib/uploads'
import { Uploads } from './uploads'

// What the server knows changes by the minute.
export const dynamic = 'force-dynamic'

/** Rendered on the server, with what it knows; the list below comes alive in the browser. */
export default async function Page() {
  const { manager } = await uploads()
  const { totalOperations } = manager.metrics()
  return (
    <main>
      <h1>Uploads</h1>
      <CompactSyncIndicator endpoint="/uploads" />
      <p>{`Uploads so far: ${totalOperations}`}</p>
      <Uploads />
    </main>
  )
}
