import { useUploader, useUploadSummary } from '@upload-panel/react'

export function Totals() {
  const uploader = useUploader()
  const { total, completed, failed, processing, fraction, held } = useUploadSummary()
  if (total === 0) return null
  const isDone = completed + failed === total
  return (
    <section className="totals" aria-label="All uploads">
      <p>
        {completed} of {total} confirmed
        {processing > 0 && `, ${processing} in the server’s hands`}
        {failed > 0 && `, ${failed} failed`}
      </p>
      {!isDone && <progress aria-label="All uploads" value={fraction} />}
      <span className="buttons">
        {!isDone && (
          <button type="button" onClick={() => (held ? uploader.resume() : uploader.pause())}>
            {held ? 'Resume' : 'Pause'}
          </button>
        )}
        {failed > 0 && (
          <button type="button" onClick={() => uploader.retry()}>
            Retry {failed}
          </button>
        )}
        {completed > 0 && (
          <button type="button" onClick={() => uploader.clear('completed')}>
            Clear completed
          </button>
        )}
      </span>
    </section>
  )
}
