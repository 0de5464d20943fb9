import { useQuery } from '@tanstack/react-query'
import { useQuerySync } from '@upload-panel/react/query'

interface Document {
  readonly id: string
  readonly name: string
  readonly url: string
}

const KEY = ['documents']

/** The app’s own list, by the app’s own route: asked for again whenever the server has confirmed an upload, or taken one back. */
export function Documents() {
  useQuerySync({ invalidates: () => [KEY] })
  const { data = [], error } = useQuery({ queryKey: KEY, queryFn: loadDocuments })
  return (
    <section aria-labelledby="documents">
      <h2 id="documents">On the server</h2>
      {error !== null && <p role="alert">{error.message}</p>}
      <ul aria-label="On the server">
        {data.map(({ id, name, url }) => (
          <li key={id}>
            <a href={url} download>
              <bdi>{name}</bdi>
            </a>
          </li>
        ))}
      </ul>
    </section>
  )
}

async function loadDocuments(): Promise<readonly Document[]> {
  const response = await fetch('/documents')
  if (!response.ok) throw new Error('The documents cannot be loaded right now.')
  return response.json() as Promise<readonly Document[]>
}
