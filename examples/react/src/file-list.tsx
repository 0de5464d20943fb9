import { useUploadIds } from '@upload-panel/react'
import { FileRow } from './file-row.js'

/** Renders when files come, go or move; each row follows its own file. */
export function FileList() {
  const ids = useUploadIds()
  return (
    <ul className="files" aria-label="Uploads">
      {ids.map((id) => (
        <FileRow key={id} id={id} />
      ))}
    </ul>
  )
}
