import { crc32, deflateRawSync, gzipSync } from 'node:zlib'

const base64 = (text: string) => Buffer.from(text, 'base64')
const ascii = (text: string) => Buffer.from(text, 'latin1')
const zeros = (length: number) => Buffer.alloc(length)

/** An archive as programs write it: entries one after the other, deflated, and their directory at the end. */
export function zipOf(entries: readonly (readonly [name: string, content: string | Buffer])[]): Buffer {
  const files: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const [name, content] of entries) {
    const raw = Buffer.from(content)
    // OpenDocument and EPUB have their type there as it is, so that it can be read without a tool.
    const isPlain = name === 'mimetype'
    const data = isPlain ? raw : deflateRawSync(raw)
    const fields = Buffer.alloc(22)
    fields.writeUInt16LE(isPlain ? 0 : 8, 0)
    fields.writeUInt32LE(crc32(raw), 6)
    fields.writeUInt32LE(data.length, 10)
    fields.writeUInt32LE(raw.length, 14)
    fields.writeUInt16LE(Buffer.byteLength(name), 18)
    const file = Buffer.concat([ascii('PK\x03\x04\x14\0\0\0'), fields, Buffer.from(name), data])
    const place = Buffer.alloc(14)
    place.writeUInt32LE(offset, 10)
    directory.push(Buffer.concat([ascii('PK\x01\x02\x14\0\x14\0\0\0'), fields, place, Buffer.from(name)]))
    files.push(file)
    offset += file.length
  }
  const list = Buffer.concat(directory)
  const end = Buffer.alloc(18)
  end.writeUInt16LE(entries.length, 4)
  end.writeUInt16LE(entries.length, 6)
  end.writeUInt32LE(list.length, 8)
  end.writeUInt32LE(offset, 12)
  return Buffer.concat([...files, list, ascii('PK\x05\x06'), end])
}

const contentTypes = (type: string) =>
  `<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/main.xml" ContentType="${type}.main+xml"/></Types>`

/** A document of Office, whose list of types is the first entry, as Word writes it, or the last, as others do. */
export function officeFile(type: string, folder: string, isListed: 'first' | 'last' = 'first'): Buffer {
  const list = ['[Content_Types].xml', contentTypes(type)] as const
  const part = [`${folder}/document.xml`, '<document/>'] as const
  return zipOf(isListed === 'first' ? [list, part] : [part, list])
}

const WORD = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'
const EXCEL = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
const SLIDES = 'application/vnd.openxmlformats-officedocument.presentationml.presentation'
const ODT = 'application/vnd.oasis.opendocument.text'

/** A song whose picture comes before its sound. */
export function songWithPicture(pictureBytes: number): Buffer {
  const sizeOf = (bytes: number) => [21, 14, 7, 0].map((shift) => (bytes >> shift) & 0x7f)
  const frame = Buffer.concat([Buffer.from([0xff, 0xfb, 0x90, 0x64]), zeros(413)])
  return Buffer.concat([ascii('ID3\x04\0\0'), Buffer.from(sizeOf(pictureBytes)), Buffer.alloc(pictureBytes, 0xab), frame, frame])
}

/** Small real files, each by its true type. */
export const SAMPLES: Readonly<Record<string, Buffer>> = {
  'image/png': base64('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC'),
  'image/gif': base64('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7'),
  'image/jpeg': base64(
    '/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAAMCAgICAgMCAgIDAwMDBAYEBAQEBAgGBgUGCQgKCgkICQkKDA8MCgsOCwkJDRENDg8QEBEQCgwSExIQEw8QEBD/yQALCAABAAEBAREA/8wABgAQEAX/2gAIAQEAAD8A0s8g/9k=',
  ),
  'image/webp': base64('UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA'),
  'image/bmp': Buffer.concat([
    ascii('BM'),
    Buffer.from([58, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, 40, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 24, 0]),
    zeros(24),
    Buffer.from([0, 0, 255, 0]),
  ]),
  'image/heic': Buffer.concat([Buffer.from([0, 0, 0, 24]), ascii('ftypheic\0\0\0\0mif1heic'), Buffer.from([0, 0, 0, 8]), ascii('meta')]),
  'video/mp4': Buffer.concat([Buffer.from([0, 0, 0, 24]), ascii('ftypisom\0\0\x02\0isommp41'), Buffer.from([0, 0, 0, 8]), ascii('moov')]),
  'video/webm': Buffer.concat([Buffer.from([0x1a, 0x45, 0xdf, 0xa3, 0x87, 0x42, 0x82, 0x84]), ascii('webm'), zeros(16)]),
  'audio/wav': Buffer.concat([ascii('RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x40\x1f\0\0\x01\0\x08\0data\0\0\0\0')]),
  'audio/mpeg': songWithPicture(300_000),
  'application/pdf': ascii('%PDF-1.4\n1 0 obj\n<</Type/Catalog>>\nendobj\ntrailer\n<</Root 1 0 R>>\n%%EOF\n'),
  'application/rtf': ascii('{\\rtf1\\ansi Hello}'),
  'application/zip': zipOf([['a.txt', 'hello']]),
  'application/gzip': gzipSync('hello'),
  [WORD]: officeFile(WORD, 'word'),
  [EXCEL]: officeFile(EXCEL, 'xl', 'last'),
  [SLIDES]: officeFile(SLIDES, 'ppt'),
  [ODT]: zipOf([
    ['mimetype', ODT],
    ['content.xml', '<document/>'],
  ]),
  'application/x-cfb': Buffer.concat([base64('0M8R4KGxGuE='), zeros(504)]),
  'application/x-msdownload': Buffer.concat([ascii('MZ\x90\0\x03'), zeros(60), ascii('PE\0\0')]),
  'application/octet-stream': Buffer.from([0, 1, 2, 3, 0xfe, 0xff, 0x80, 7]),
  'text/plain': Buffer.from('Grüße, 🙂\n\tand more.\r\n'),
  'text/html': ascii('<!DOCTYPE html><title>x</title><script>alert(1)</script>'),
  'image/svg+xml': ascii('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
  'application/xml': ascii('<?xml version="1.0"?><a/>'),
}
