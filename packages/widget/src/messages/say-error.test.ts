import { UploadError } from '@upload-panel/core'
import { describe, expect, it } from 'vitest'
import { createMessages } from './create-messages.js'
import { de } from './de.js'
import { english } from './english.js'
import { withOwnMessages } from './own-messages.js'
import { sayError } from './say-error.js'

const german = createMessages('de', de)
const own = { translatable: true }

describe('an error’s sentence', () => {
  it('is said in the language of the page where it is the library’s own', () => {
    expect(sayError(new UploadError('network', 'The connection was lost.', own), german)).toBe('Die Verbindung wurde unterbrochen.')
  })

  it('is left as it is where a server or the page has said it', () => {
    expect(sayError(new UploadError('server', 'Disk full on node 7.'), german)).toBe('Disk full on node 7.')
  })

  it('is the error’s own in English, which says more than its code', () => {
    expect(sayError(new UploadError('stalled', 'The upload stood still for too long.', own), english)).toBe(
      'The upload stood still for too long.',
    )
  })

  it('can be a page’s own in English, too', () => {
    const messages = withOwnMessages(english, { error: { network: 'No signal.' } })
    expect(sayError(new UploadError('network', 'The connection was lost.', own), messages)).toBe('No signal.')
  })

  it('names the limit that was passed, in the figures of the language', () => {
    expect(sayError(new UploadError('file_too_large', 'Too large.', { ...own, limit: 1_500_000 }), german)).toBe(
      'Die Datei ist zu groß. Erlaubt sind höchstens 1,5 MB.',
    )
    expect(sayError(new UploadError('file_type', 'No.', { ...own, limit: ['image/*', '.pdf'] }), german)).toBe(
      'Dieser Dateityp wird nicht angenommen. Erlaubt: Bilder, .pdf.',
    )
    expect(sayError(new UploadError('too_many_files', 'No.', { ...own, limit: 1 }), german)).toBe(
      'Es kann nur 1 Datei auf einmal hochgeladen werden.',
    )
  })

  it('says who has to sign in, and who may not upload', () => {
    expect(sayError(new UploadError('auth', 'x', { ...own, status: 401 }), german)).toBe(german.error.signed_out)
    expect(sayError(new UploadError('auth', 'x', { ...own, status: 403 }), german)).toBe(german.error.forbidden)
    expect(sayError(new UploadError('auth', 'The credentials could not be fetched.', own), german)).toBe(
      'The credentials could not be fetched.',
    )
  })
})
