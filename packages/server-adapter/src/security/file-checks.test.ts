import { Blob } from 'node:buffer'
import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { StoredObject } from '../storage/object-storage.js'
import { officeFile, SAMPLES, songWithPicture, zipOf } from '../testing/sample-files.js'
import { detectContent } from './detect-content.js'
import { createFileChecks } from './file-checks.js'

/** Bytes in storage, and which of them were read. */
function stored(bytes: Buffer | string) {
  const content = Buffer.from(bytes)
  const reads: [number, number][] = []
  const object: StoredObject = {
    size: content.length,
    stream({ start = 0, end = content.length } = {}) {
      reads.push([start, end])
      return new Blob([content.subarray(start, end)]).stream() as ReadableStream<Uint8Array>
    },
  }
  return { object, reads }
}

const sample = (type: string): Buffer => SAMPLES[type] ?? Buffer.alloc(0)
const typeOf = async (bytes: Buffer | string) => (await detectContent(stored(bytes).object)).type
const check = (types: readonly string[], name: string, type: string, bytes: Buffer | string) =>
  createFileChecks({ types }).content({ name, type }, async () => stored(bytes).object)
const WORD = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'
const refused = { code: 'file_type', retryable: false }

describe('content is known', () => {
  test.each(Object.keys(SAMPLES))('as %s', async (type) => expect(await typeOf(sample(type))).toBe(type))

  test('as a document of Office by its list of types, wherever that stands, and never by its name', async () => {
    expect(await typeOf(officeFile(WORD, 'word', 'last'))).toBe(WORD)
    expect(await typeOf(officeFile('application/vnd.ms-word.document.macroEnabled', 'word'))).toBe(
      'application/vnd.ms-word.document.macroenabled.12',
    )
    expect(
      await typeOf(
        zipOf([
          ['word/document.xml', '<x/>'],
          ['a.txt', 'hello'],
        ]),
      ),
    ).toBe('application/zip')
  })

  test('by a few places of it, however large it is', async () => {
    const { object, reads } = stored(songWithPicture(10_000_000))
    expect((await detectContent(object)).type).toBe('audio/mpeg')
    expect(reads.length).toBeLessThan(5)
    expect(reads.every(([start, end]) => end - start <= 65_536)).toBe(true)
  })

  test('of an archive of many large documents by its beginning, and no more than two mebibytes are read', async () => {
    // Nothing that could be made smaller.
    const filler = createHash('shake256', { outputLength: 200_000 }).digest()
    const many = zipOf([
      ...Array.from({ length: 60 }, (_, index) => [`word/media/${index}.bin`, filler] as const),
      ['[Content_Types].xml', '<Types/>'],
    ])
    const { object, reads } = stored(many)
    expect((await detectContent(object)).type).toBe(WORD)
    expect(reads.reduce((sum, [start, end]) => sum + end - start, 0)).toBeLessThanOrEqual(32 * 65_536)
  })

  test('of a bomb without unpacking it', async () => {
    expect(await typeOf(gzipSync(Buffer.alloc(50_000_000)))).toBe('application/gzip')
    expect(
      await typeOf(
        zipOf([
          ['[Content_Types].xml', Buffer.alloc(50_000_000)],
          ['word/a.xml', ''],
        ]),
      ),
    ).toMatch(/zip|wordprocessing/)
  })

  test.each(Object.keys(SAMPLES))('of %s that is cut off anywhere without a fault', async (type) => {
    const bytes = sample(type).subarray(0, 600)
    for (let length = 0; length <= bytes.length; length += Math.max(1, Math.floor(bytes.length / 40)))
      await expect(detectContent(stored(bytes.subarray(0, length)).object)).resolves.toBeDefined()
  })

  test('as text, in Unicode with and without a mark, in eight bits, empty, and of one character', async () => {
    for (const text of [
      '',
      'A',
      '\uFEFFname;price',
      'a,b\r\n1,2',
      '\u001B[31mred',
      Buffer.from('\uFEFFhello', 'utf16le'),
      Buffer.from('Grüße', 'latin1'),
    ])
      expect(await typeOf(text)).toBe('text/plain')
    const long = 'ü'.repeat(100_000)
    expect(await typeOf(long)).toBe('text/plain')
    expect(await typeOf(`x${long}`)).toBe('text/plain')
  })

  test('as unknown where it is neither', async () => {
    for (const bytes of [Buffer.from([0]), Buffer.from([0, 1, 2]), Buffer.from('a\0b'), Buffer.from('\uFEFFGIF89a\0\0')])
      expect(await typeOf(bytes)).toBe('application/octet-stream')
  })

  test('as text though it begins as pictures and programs do', async () => {
    for (const text of ['BMI;height\n22;180', 'MZ is a label', 'GIF89a/*', 'ID3,name', 'II*,x'])
      expect(await typeOf(text)).toBe('text/plain')
  })

  test.each([
    ['<!DOCTYPE html>', 'text/html'],
    ['  \n<HTML>', 'text/html'],
    ['<!-- a --><!-- b -->\n<script>', 'text/html'],
    ['\uFEFF<html>', 'text/html'],
    ['<iframe src=x>', 'text/html'],
    ['<!-- never ends', 'text/html'],
    ['<svg/>', 'image/svg+xml'],
    ['<?xml version="1.0"?><!-- x --><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" ""><svg>', 'image/svg+xml'],
    ['<s:svg xmlns:s="http://www.w3.org/2000/svg"/>', 'image/svg+xml'],
    ['<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"/>', 'application/xhtml+xml'],
    ['<?xml version="1.0"?><a xmlns:h="http://www.w3.org/1999/xhtml"><h:script/></a>', 'application/xhtml+xml'],
    ['<?xml version="1.0"?><a xmlns:s="http://www.w3.org/2000/svg"><s:script/></a>', 'image/svg+xml'],
    ['<?xml version="1.0"?><?xml-stylesheet href="x.xsl"?><a/>', 'application/xhtml+xml'],
    ['<?xml version="1.0"?><rss version="2.0"></rss>', 'application/xml'],
    ['<gpx></gpx>', 'text/plain'],
    ['<div align="center">a readme</div>', 'text/plain'],
    ['1 < 2 and <b>', 'text/plain'],
    ['<', 'text/plain'],
  ])('as what a browser would make of %s: %s', async (text, type) => {
    expect(await typeOf(text)).toBe(type)
    const utf16 = await typeOf(Buffer.from(`\uFEFF${text.replace(/^\uFEFF/, '')}`, 'utf16le'))
    expect(utf16).toBe(type)
  })

  test('of anything at all without a fault, in bounded reads', async () => {
    const damaged = fc
      .tuple(fc.constantFrom(...Object.values(SAMPLES)), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 8 }))
      .map(([bytes, changes]) => {
        const copy = Buffer.from(bytes.subarray(0, 5000))
        for (const [at, value] of changes) copy[at % Math.max(1, Math.min(copy.length, 400))] = value
        return copy
      })
    const anything = fc.oneof(
      damaged,
      fc.uint8Array({ maxLength: 3000 }).map(Buffer.from),
      fc.string({ unit: 'binary' }).map((text) => Buffer.from(text)),
    )
    await fc.assert(
      fc.asyncProperty(anything, async (bytes) => {
        const { object, reads } = stored(bytes)
        const { type } = await detectContent(object)
        expect(type).toMatch(/^[\w.+-]+\/[\w.+-]+$/)
        expect(reads.length).toBeLessThanOrEqual(33)
      }),
      { numRuns: 100 },
    )
  })

  test('where storage fails that is told, not guessed over', async () => {
    const { object } = stored(songWithPicture(1_000_000))
    let reads = 0
    const failing: StoredObject = {
      ...object,
      stream(range) {
        reads += 1
        if (reads > 1) throw new Error('The disk is gone.')
        return object.stream(range)
      },
    }
    await expect(detectContent(failing)).rejects.toThrow('The disk is gone.')
  })
})

describe('a file is taken', () => {
  test.each([
    ['image/*', 'a.png', 'image/png', 'image/png', 'image/png'],
    ['image/*', 'a.jpg', 'image/jpeg', 'image/png', 'image/png'],
    ['image/*', 'a', '', 'image/gif', 'image/gif'],
    ['image/jpg', 'a.JPG', 'image/jpeg', 'image/jpeg', 'image/jpeg'],
    ['.jpg', 'a.jpg', '', 'image/jpeg', 'image/jpeg'],
    ['.jpeg', 'a.jpeg', '', 'image/jpeg', 'image/jpeg'],
    ['.pdf', 'a.pdf', 'application/pdf', 'application/pdf', 'application/pdf'],
    ['.docx', 'a.docx', WORD, WORD, WORD],
    ['audio/*', 'rec.weba', 'audio/webm;codecs=opus', 'video/webm', 'audio/webm'],
    ['audio/*', 'rec', 'audio/webm', 'video/webm', 'audio/webm'],
    ['audio/*', 'a.m4a', 'audio/x-m4a', 'video/mp4', 'audio/mp4'],
    ['audio/*', 'a.mp3', 'audio/mp3', 'audio/mpeg', 'audio/mpeg'],
    ['.doc', 'a.doc', 'application/msword', 'application/x-cfb', 'application/msword'],
    ['application/vnd.ms-excel', 'a.xls', 'application/vnd.ms-excel', 'application/x-cfb', 'application/vnd.ms-excel'],
    ['.xlsb', 'a.xlsb', '', 'application/zip', 'application/zip'],
    [
      'application/vnd.google-earth.kmz',
      'a.kmz',
      'application/vnd.google-earth.kmz',
      'application/zip',
      'application/vnd.google-earth.kmz',
    ],
    ['.dat', 'a.dat', '', 'application/octet-stream', 'application/octet-stream'],
    ['application/octet-stream', 'a', '', 'application/octet-stream', 'application/octet-stream'],
    ['*', 'a.exe', '', 'application/x-msdownload', 'application/x-msdownload'],
    ['text/*', 'a.txt', 'text/plain', 'text/plain', 'text/plain'],
    ['text/csv', 'a.csv', 'text/csv', 'text/plain', 'text/csv'],
    // Windows calls tables so.
    ['.csv', 'a.csv', 'application/vnd.ms-excel', 'text/plain', 'text/csv'],
    ['application/json', 'a.json', 'application/json', 'text/plain', 'application/json'],
    ['.md', 'README.md', '', 'text/plain', 'text/markdown'],
    ['.svg', 'a.svg', 'image/svg+xml', 'image/svg+xml', 'image/svg+xml'],
    ['image/svg+xml', 'a.svg', '', 'image/svg+xml', 'image/svg+xml'],
    ['text/html', 'a.html', 'text/html', 'text/html', 'text/html'],
    ['text/html', 'a.html', 'text/html', 'text/plain', 'text/html'],
    ['text/javascript', 'a.js', 'application/javascript', 'text/plain', 'text/javascript'],
    ['.gpx', 'a.gpx', '', 'application/xml', 'application/gpx+xml'],
    ['.exe', 'a.exe', 'application/x-msdownload', 'application/x-msdownload', 'application/x-msdownload'],
  ])('by %s: %s, called %s, that is %s, becomes %s', async (entry, name, declared, content, confirmed) => {
    expect(await check([entry], name, declared, sample(content))).toEqual({ type: confirmed })
  })
})

describe('a file is refused', () => {
  test.each([
    ['image/*', 'a.png', 'image/png', 'text/html'],
    ['image/*', 'a.png', 'image/png', 'application/octet-stream'],
    ['image/*', 'a.png', 'image/png', 'text/plain'],
    ['image/*', 'a.svg', 'image/svg+xml', 'image/svg+xml'],
    ['image/*', 'a.png', 'image/png', 'image/svg+xml'],
    ['image/*', 'a.x', 'image/x-new', 'application/octet-stream'],
    ['image/png', 'a.png', 'image/png', 'image/gif'],
    ['.png', 'a.png', 'image/png', 'image/gif'],
    ['.png', 'a.gif', 'image/png', 'image/png'],
    ['.docx', 'a.docx', WORD, 'application/zip'],
    [WORD, 'a.docx', WORD, 'application/zip'],
    ['application/zip', 'a.zip', 'application/zip', WORD],
    ['.pdf', 'a.pdf', 'application/pdf', 'application/x-msdownload'],
    ['.dat', 'a.dat', '', 'application/x-msdownload'],
    ['text/*', 'a.txt', 'text/plain', 'text/html'],
    ['text/*', 'a.html', 'text/html', 'text/html'],
    ['text/*', 'a.js', 'text/javascript', 'text/plain'],
    ['text/*', 'a.txt', 'text/plain', 'application/octet-stream'],
    ['text/csv', 'a.csv', 'text/csv', 'application/zip'],
    ['application/*', 'a.exe', '', 'application/x-msdownload'],
    ['.gpx', 'a.gpx', '', 'image/svg+xml'],
    ['audio/*', 'a.mp4', 'video/mp4', 'video/mp4'],
    ['.doc', 'a.doc', 'application/msword', 'text/html'],
  ])('by %s: %s, called %s, that is %s', async (entry, name, declared, content) => {
    expect(await check([entry], name, declared, sample(content))).toMatchObject(refused)
  })

  test.each([
    ['image/*', 'page.html', 'image/gif', 'image/gif'],
    ['image/*', 'a.exe', 'image/png', 'image/png'],
    ['image/*', 'a.pdf', 'image/png', 'image/png'],
    ['text/plain', 'a.js', 'text/plain', 'text/plain'],
  ])('by %s: %s, though its content is taken, for its name says something else', async (entry, name, declared, content) => {
    expect(await check([entry], name, declared, sample(content))).toEqual({
      ...refused,
      message: 'The content of this file is not what its name says.',
    })
  })

  test('empty, as anything but text', async () => {
    expect(await check(['image/*'], 'a.png', 'image/png', '')).toMatchObject(refused)
    expect(await check(['text/csv'], 'a.csv', 'text/csv', '')).toEqual({ type: 'text/csv' })
  })

  test('in an encoding of eight bits, where it is not said to be text', async () => {
    const bytes = Buffer.from('Grüße', 'latin1')
    expect(await check(['text/plain'], 'a', '', bytes)).toMatchObject(refused)
    expect(await check(['.csv'], 'a.csv', '', bytes)).toEqual({ type: 'text/csv' })
  })

  test('that is a picture and an archive at once is the picture that it begins as', async () => {
    const both = Buffer.concat([sample('image/gif'), sample('application/zip')])
    expect(await check(['image/*'], 'a.gif', 'image/gif', both)).toEqual({ type: 'image/gif' })
    expect(await check(['.zip'], 'a.zip', 'application/zip', both)).toMatchObject(refused)
  })

  test('with a list of what is accepted', async () => {
    expect(await check([' .PDF ', '', 'image/*'], 'a.txt', '', 'x')).toMatchObject({
      message: 'This type of file is not accepted. Accepted: .pdf, image/*.',
    })
  })
})

describe('before its bytes are sent', () => {
  const declared = (types: readonly string[], name: string, type: string) => createFileChecks({ types }).declared({ name, size: 1, type })

  test.each([
    [['image/*'], 'a.png', 'image/png'],
    [['image/*'], 'a.png', ''],
    [['.pdf'], 'A.PDF', ''],
    [['application/pdf'], 'a.pdf', 'application/octet-stream'],
    [['.svg', 'image/*'], 'a.svg', 'image/svg+xml'],
    [['*/*'], 'a.exe', ''],
    [[], 'a.exe', ''],
    [['', ' '], 'a.exe', ''],
  ])('by %j a file called %s of the type "%s" is let through', (types, name, type) => expect(declared(types, name, type)).toBeUndefined())

  test.each([
    [['image/*'], 'a.svg', 'image/svg+xml'],
    [['image/*'], 'a.pdf', ''],
    [['image/*'], 'a', ''],
    [['.pdf'], 'a.pdf.exe', 'application/pdf'],
    [['text/*'], 'a.html', 'text/html'],
  ])('by %j a file called %s of the type "%s" is refused', (types, name, type) =>
    expect(declared(types, name, type)).toMatchObject(refused),
  )

  test('one that is too small is refused', () => {
    const { declared: check } = createFileChecks({ minBytes: 2 })
    expect(check({ name: 'a', size: 1, type: '' })).toMatchObject({ code: 'file_too_small', retryable: false })
    expect(check({ name: 'a', size: 2, type: '' })).toBeUndefined()
  })
})

test('types that are no list are refused at once', () => {
  const accept: object = { types: 'image/*' }
  expect(() => createFileChecks(accept)).toThrow('must be a list')
})

test('without a list of types nothing is read', async () => {
  const { object, reads } = stored('<html>')
  expect(await createFileChecks({ minBytes: 1 }).content({ name: 'a', type: 'x/y' }, async () => object)).toEqual({ type: 'x/y' })
  expect(reads).toEqual([])
})

test('bytes that are not there are not taken for any', async () => {
  await expect(createFileChecks({ types: ['text/*'] }).content({ name: 'a', type: '' }, async () => undefined)).rejects.toMatchObject({
    code: 'bytes_missing',
  })
})
