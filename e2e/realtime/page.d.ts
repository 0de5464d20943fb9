import type { Uploader } from '@upload-panel/core'

declare global {
  interface Window {
    isReady: boolean
    uploader: Uploader
    follow(wanted: { readonly transport: string; readonly options: object; readonly backend: string; readonly jobId: string }): void
    /** When an upload with that progress was on the screen first, in milliseconds since the epoch; 0 before. */
    paintedAt(progress: number): number
    states(): Readonly<Record<string, string>>
  }
}
