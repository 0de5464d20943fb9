import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { httpBackend } from '@upload-panel/core'
import { sse } from '@upload-panel/core/sse'
import { RealtimeErrorBoundary, UploaderProvider } from '@upload-panel/react'
import { Documents } from './documents.js'
import { DropArea } from './drop-area.js'
import { FileList } from './file-list.js'
import { ServerStatus } from './server-status.js'
import { Totals } from './totals.js'

const queryClient = new QueryClient()
const options = { backend: httpBackend({ url: '/uploads' }), realtime: sse({ url: '/uploads/events' }) }

export function App() {
  return (
    <QueryClientProvider client={queryClient}>
      <UploaderProvider options={options}>
        <header>
          <h1>Documents</h1>
          <ServerStatus />
        </header>
        <main>
          <RealtimeErrorBoundary>
            <DropArea />
            <Totals />
            <FileList />
          </RealtimeErrorBoundary>
          <Documents />
        </main>
      </UploaderProvider>
    </QueryClientProvider>
  )
}
