import { useDropZone } from '@upload-panel/react'

/** Takes files by drop, paste, click and keyboard, and gives them to the uploader. */
export function DropArea() {
  const { getRootProps, getInputProps, isDragActive, readingCount } = useDropZone()
  return (
    <div {...getRootProps({ className: isDragActive ? 'drop over' : 'drop', 'aria-label': 'Add files' })}>
      <input {...getInputProps()} />
      {prompt(isDragActive, readingCount)}
    </div>
  )
}

function prompt(isDragActive: boolean, readingCount: number | undefined): string {
  if (readingCount !== undefined) return `Reading the folder… ${readingCount} files so far`
  return isDragActive ? 'Let go to upload' : 'Drop files or folders here, or press to choose some'
}
