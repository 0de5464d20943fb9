// @ts-check
import { createUploader, httpBackend } from '@upload-panel/core'
import { indexedDb } from '@upload-panel/core/indexed-db'
import { sharedConnection } from '@upload-panel/core/shared-connection'
import { sse } from '@upload-panel/core/sse'

/**
 * An uploader as an application makes it: nothing is replaced, and no option is set but those that a test names.
 * Files come from the input, or are dropped anywhere on the page.
 * @param {Partial<import('@upload-panel/core').UploaderOptions>} [options]
 * @param {string} [name] of the queue that is kept and shared; without it nothing is
 * @param {string} [connection] the name of the connection that all tabs share; without it each has its own
 */
window.startEngine = (options, name, connection) => {
  const events = sse({ url: '/uploads/events' })
  const engine = createUploader({
    backend: httpBackend({ url: '/uploads' }),
    realtime: connection === undefined ? events : sharedConnection(events, { name: connection }),
    ...(name !== undefined && { persistence: indexedDb({ name }) }),
    ...options,
  })
  window.engine = engine
  const input = /** @type {HTMLInputElement} */ (document.querySelector('input'))
  input.addEventListener('change', () => engine.add([...(input.files ?? [])]))
  document.addEventListener('dragover', (event) => event.preventDefault())
  document.addEventListener('drop', (event) => {
    event.preventDefault()
    engine.add([...(event.dataTransfer?.files ?? [])])
  })
}
